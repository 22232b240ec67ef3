// `stoa import`, `export`, `demo` and `user create` as operators run them: the real program, its
// exit codes and its output.

#include "tests/support/server.hpp"
#include "tests/support/temp_dir.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>
#include <string_view>
#include <sys/file.h>
#include <unistd.h>
#include <vector>

using namespace stoa::test;
namespace fs = std::filesystem;

namespace {

const std::string header =
    "Handle,Title,Body (HTML),Vendor,Type,Tags,Published,Option1 Name,Option1 Value,Option2 Name,"
    "Option2 Value,Variant SKU,Variant Grams,Variant Inventory Qty,Variant Inventory "
    "Policy,Variant "
    "Price,Variant Compare At Price,Variant Barcode,Image Src,Image Position,Image Alt "
    "Text,Status,Made in,Cost per item\n";

/// Everything at once: quoted line breaks, variants, image-only rows, repeated SKUs, a repeated
/// image, types with odd spaces, drafts, unknown columns.
const std::string nasty =
    header +
    "mug,\"Mug, \"\"large\"\"\",\"<p>One</p>\n<p>Two, three</p>\",Ova,Home > Kitchen,\"b, a\",true,"
    "Size,S,Colour,Red,SKU-1,300,5,deny,12.99,15.00,401,https://x.example/"
    "a.jpg,2,Front,active,DE,3.1\n"
    "mug,,,,,,,,M,,Red,SKU-1,350,0,continue,13.99,,,https://x.example/a.jpg,1,Back,,,3.2\n"
    "mug,,,,,,,,S,,Bl\xC3\xBC,,300,7,deny,12.99,,,,,,,,\n"
    "mug,,,,,,,,,,,,,,,,,,https://x.example/b.jpg,,,,,\n"
    "tea,Tea,,,\"Home>  Kitchen \",,true,Title,Default Title,,,SKU-1,0,1,deny,0,,,,,,draft,,\n"
    "hat,Hat,\"a\r\nb\",,,\"winter, wool\",false,,,,,,,,,5,,,,,,archived,FR,\n"
    "deep,Deep,,,A>B>C>D>E>F>G>H>I>J>K>L>M>N>O>P>Q>R,,true,,,,,,,,,7.5,,,,,,,,\n";

void write_file(const fs::path& file, const std::string& text) {
  std::ofstream out(file, std::ios::binary);
  out << text;
  BOOST_REQUIRE(out.good());
}

std::string read_file(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

struct shop {
  explicit shop(const temp_dir& dir, const std::string& name) : data(dir / name) {}

  finished_program run(std::vector<std::string> arguments) const {
    arguments.insert(arguments.end(), {"--data", data.string()});
    return run_program(stoa_binary(), arguments, {}, std::chrono::seconds{300});
  }
  finished_program import(const fs::path& file, std::vector<std::string> more = {}) const {
    more.insert(more.begin(), {"import", "shopify", file.string()});
    return run(more);
  }
  /// The store exported as a file.
  std::string exported() const {
    auto file = data.string() + ".export.csv";
    auto done = run({"export", "shopify", file});
    BOOST_TEST(done.exit_code == 0, done.output);
    return read_file(file);
  }

  fs::path data;
};

bool holds(const std::string& text, std::string_view part) {
  if (text.find(part) != std::string::npos) return true;
  BOOST_TEST_MESSAGE("\"" << part << "\" is not in: " << text);
  return false;
}

/// Imports the file twice, exports it, imports that into the same and into a new store, exports
/// again.
void check_there_and_back(const temp_dir& dir, const fs::path& file, const std::string& products) {
  const shop first(dir, file.stem().string() + "-first");
  const shop second(dir, file.stem().string() + "-second");
  auto done = first.import(file);
  BOOST_TEST(done.exit_code == 0, done.output);
  BOOST_TEST(holds(done.output, products + " created, 0 updated, 0 unchanged"));
  done = first.import(file, {"--set-stock"});
  BOOST_TEST(done.exit_code == 0, done.output);
  BOOST_TEST(holds(done.output, "0 created, 0 updated, " + products + " unchanged"));

  const std::string once = first.exported();
  const auto copy = dir / (file.stem().string() + "-copy.csv");
  write_file(copy, once);
  done = first.import(copy, {"--set-stock"});
  BOOST_TEST(holds(done.output, "0 created, 0 updated, " + products + " unchanged"));
  done = second.import(copy);
  BOOST_TEST(done.exit_code == 0, done.output);
  BOOST_TEST(holds(done.output, products + " created, 0 updated, 0 unchanged"));
  BOOST_TEST(second.exported() == once);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(import)

BOOST_AUTO_TEST_CASE(a_nasty_file_there_and_back) {
  temp_dir dir;
  write_file(dir / "nasty.csv", "\xEF\xBB\xBF" + nasty);
  check_there_and_back(dir, dir / "nasty.csv", "4");
  const std::string out = read_file(dir / "nasty-copy.csv");
  // Columns that Stoa does not use or stores only once are preserved.
  BOOST_TEST(
      holds(out, "\"Mug, \"\"large\"\"\",\"<p>One</p>\n<p>Two, three</p>\",Ova,Home > Kitchen"));
  BOOST_TEST(holds(out, ",Home>  Kitchen,"));
  BOOST_TEST(holds(out, "A>B>C>D>E>F>G>H>I>J>K>L>M>N>O>P>Q>R"));
  BOOST_TEST(holds(out, "\"a\r\nb\",,winter,\"winter, wool\",false"));
  BOOST_TEST(holds(out, "archived"));
  BOOST_TEST(holds(out, "https://x.example/a.jpg,1,Back"));
  BOOST_TEST(holds(out, "https://x.example/a.jpg,2,Front"));
  BOOST_TEST(holds(out, "https://x.example/b.jpg,3,"));
  std::size_t skus = 0;
  for (auto at = out.find("SKU-1"); at != std::string::npos; at = out.find("SKU-1", at + 1)) ++skus;
  // It occurs in three rows, so no product has it.
  BOOST_TEST(skus == 0U);
}

BOOST_AUTO_TEST_CASE(line_ends_of_any_kind_give_the_same_store) {
  temp_dir dir;
  std::string plain = header + "cup,Cup,,,,,true,,,,,,,4,,3.50,,,,,,,,\n";
  std::string crlf;
  for (char c : plain) crlf += c == '\n' ? "\r\n" : std::string(1, c);
  write_file(dir / "lf.csv", plain);
  write_file(dir / "crlf.csv", crlf);
  const shop one(dir, "one");
  const shop two(dir, "two");
  BOOST_TEST(one.import(dir / "lf.csv").exit_code == 0);
  BOOST_TEST(two.import(dir / "crlf.csv").exit_code == 0);
  BOOST_TEST(one.exported() == two.exported());
}

BOOST_AUTO_TEST_CASE(shopifys_own_sample_stores) {
  const char* set = std::getenv("STOA_SHARED");
  const fs::path folder = fs::path(set ? set : STOA_SOURCE_DIR "/../shared") / "data/shopify";
  if (!fs::exists(folder)) {
    // Not as "skipped:", which would hide the results of the other cases.
    std::cout << "without the sample files, which are not in " << folder.string() << std::endl;
    return;
  }
  temp_dir dir;
  for (const char* name : {"apparel.csv", "home-and-garden.csv"}) {
    check_there_and_back(dir, folder / name, "20");
  }
}

BOOST_AUTO_TEST_CASE(bad_rows_are_listed_and_the_rest_is_imported) {
  temp_dir dir;
  const auto file = dir / "bad.csv";
  write_file(file, header +
                       "good,Good,,,,,true,,,,,,,1,,1.00,,,,,,,,\n"
                       "bad,Bad,,,,,true,,,,,,,1,,ab\x1B[31mc,,,,,,,,\n"
                       "worse,Worse,,,,,true,,,,,,,1.5,,2.00,,,,,,,,\n"
                       "link,Link,,,,,true,,,,,,,1,,2.00,,,javascript:alert(1),,,,,\n"
                       "last,Last,,,,,true,,,,,,,1,,3.00,,,,,,,,\n");
  const shop store(dir, "store");
  auto done = store.import(file);
  BOOST_TEST(done.exit_code == 3);
  BOOST_TEST(holds(done.output, file.string() + ":3: column \"Variant Price\": \"ab?[31mc\": "));
  BOOST_TEST(holds(done.output, file.string() + ":4: column \"Variant Inventory Qty\": \"1.5\": "));
  BOOST_TEST(holds(done.output, file.string() + ":5: column \"Image Src\": "));
  BOOST_TEST(done.output.find('\x1B') == std::string::npos);
  BOOST_TEST(holds(done.output, "2 created, 0 updated, 0 unchanged"));
  done = store.import(file);
  BOOST_TEST(done.exit_code == 3);
  BOOST_TEST(holds(done.output, "0 created, 0 updated, 2 unchanged"));
}

BOOST_AUTO_TEST_CASE(what_the_catalogue_refuses_is_listed_too) {
  temp_dir dir;
  write_file(dir / "long.csv", header + "long,Long,\"" + std::string(600'000, 'x') +
                                   "\",,,,true,,,,,,,1,,1.00,,,,,,,,\n"
                                   "short,Short,,,,,true,,,,,,,1,,1.00,,,,,,,,\n");
  auto done = shop(dir, "store").import(dir / "long.csv");
  BOOST_TEST(done.exit_code == 3);
  BOOST_TEST(holds(done.output, ":2: the product \"long\" is not imported: "));
  BOOST_TEST(holds(done.output, "1 created"));
}

BOOST_AUTO_TEST_CASE(the_list_of_bad_rows_is_bounded) {
  temp_dir dir;
  std::string text = header + "good,Good,,,,,true,,,,,,,1,,1.00,,,,,,,,\n";
  for (int i = 0; i < 20'000; ++i) {
    text += "p" + std::to_string(i) + ",P,,,,,true,,,,,,,1,,free,,,,,,,,\n";
  }
  write_file(dir / "many.csv", text);
  auto done = shop(dir, "store").import(dir / "many.csv");
  BOOST_TEST(done.exit_code == 3);
  BOOST_TEST(done.output.size() < 30'000U);
  BOOST_TEST(holds(done.output, " more errors"));
  BOOST_TEST(holds(done.output, "20000 not imported"));
}

BOOST_AUTO_TEST_CASE(nothing_that_can_be_read) {
  temp_dir dir;
  const shop store(dir, "store");
  write_file(dir / "empty.csv", "");
  write_file(dir / "other.csv", "Name;Price\nCup;3\n");
  write_file(dir / "binary.csv", std::string("\x00\xFF\xFE\x01", 4) + std::string(5000, '\x80'));
  write_file(dir / "all-bad.csv", header + "a,A,,,,,true,,,,,,,1,,x,,,,,,,,\n");
  for (const char* name : {"empty.csv", "other.csv", "binary.csv", "all-bad.csv", "missing.csv"}) {
    auto done = store.import(dir / name);
    BOOST_TEST(done.exit_code == 1, name << ": " << done.output);
    BOOST_TEST(holds(done.output, name));
  }
  BOOST_TEST(store.import(dir.path()).exit_code == 1);
  BOOST_TEST(store.run({"import", "shopify"}).exit_code == 2);
  BOOST_TEST(store.run({"import", "ebay", "x"}).exit_code == 2);
  BOOST_TEST(shop(dir, "none").run({"export", "shopify"}).exit_code == 1);
}

BOOST_AUTO_TEST_CASE(the_stock_of_the_file_counts_when_asked) {
  temp_dir dir;
  const shop store(dir, "store");
  auto with_stock = [&](int units) {
    write_file(dir / "s.csv",
               header + "cup,Cup,,,,,true,,,,,,," + std::to_string(units) + ",,3.50,,,,,,,,\n");
    return dir / "s.csv";
  };
  BOOST_TEST(store.import(with_stock(4)).exit_code == 0);
  BOOST_TEST(holds(store.import(with_stock(9)).output, "0 updated, 1 unchanged"));
  BOOST_TEST(holds(store.import(with_stock(9), {"--set-stock"}).output, "1 updated, 0 unchanged"));
  BOOST_TEST(holds(store.exported(), ",9,deny,"));
}

BOOST_AUTO_TEST_CASE(the_report_names_the_columns_and_a_dry_run_the_changes) {
  temp_dir dir;
  const shop store(dir, "store");
  write_file(dir / "full.csv", header + "cup,Cup,,Ova,,,true,,,,,SKU,,4,,3.50,,,,,,active,,\n");
  // Without a store: none is created.
  auto done = store.import(dir / "full.csv", {"--dry-run"});
  BOOST_TEST(done.exit_code == 0, done.output);
  BOOST_TEST(holds(done.output, "full.csv:2: cup: created"));
  BOOST_TEST(holds(done.output, "dry run: 1 created, 0 updated"));
  BOOST_TEST(!fs::exists(store.data));
  BOOST_TEST(store.import(dir / "full.csv").exit_code == 0);
  const std::string before = store.exported();

  write_file(dir / "few.csv", "Handle,Title,Vendor,Variant Price\ncup,Cup,Other,4\nnew,New,,1\n");
  done = store.import(dir / "few.csv", {"--dry-run"});
  BOOST_TEST(done.exit_code == 0, done.output);
  BOOST_TEST(holds(done.output, "few.csv: sets Title, Vendor, Variant Price\n"));
  BOOST_TEST(holds(done.output, "few.csv: keeps Body (HTML), Type, Tags, Published, "));
  BOOST_TEST(holds(done.output, ", Variant Inventory Qty, "));
  BOOST_TEST(holds(done.output, "few.csv:2: cup: price: \"3.50 EUR\" -> \"4.00 EUR\"\n"));
  BOOST_TEST(holds(done.output, "few.csv:2: cup: attributes.vendor: \"Ova\" -> \"Other\"\n"));
  BOOST_TEST(holds(done.output, "dry run: 1 created, 1 updated"));
  BOOST_TEST(store.exported() == before);
  BOOST_TEST(holds(store.import(dir / "few.csv").output, ": 1 created, 1 updated"));
  // Bounded for every file.
  std::string many = "Handle,Title,Variant Price\n";
  for (int i = 0; i < 2000; ++i) many += "p" + std::to_string(i) + ",P,1\n";
  write_file(dir / "many.csv", many);
  done = store.import(dir / "many.csv", {"--dry-run"});
  BOOST_TEST(done.output.size() < 100'000U);
  BOOST_TEST(holds(done.output, " more changes"));
}

BOOST_AUTO_TEST_CASE(an_empty_price_is_reported_and_counted) {
  temp_dir dir;
  write_file(dir / "p.csv",
             "Handle,Title,Variant Price\na,A,1\nb,B,\n,,\nc,C,2,\n\"\",\"\",\"\"\n");
  auto done = shop(dir, "store").import(dir / "p.csv");
  BOOST_TEST(done.exit_code == 3);
  BOOST_TEST(
      holds(done.output,
            "p.csv:3: column \"Variant Price\": the product is not imported: it has no price"));
  BOOST_TEST(holds(done.output, "2 created, 0 updated, 0 unchanged; 3 rows read, 1 not imported"));
}

BOOST_AUTO_TEST_CASE(a_store_in_use_is_left_alone) {
  temp_dir dir;
  const shop store(dir, "store");
  fs::create_directories(store.data);
  int lock = ::open((store.data / "lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  BOOST_REQUIRE(lock >= 0 && ::flock(lock, LOCK_EX) == 0);
  write_file(dir / "cup.csv", header + "cup,Cup,,,,,true,,,,,,,4,,3.50,,,,,,,,\n");
  auto done = store.import(dir / "cup.csv");
  BOOST_TEST(done.exit_code == 1);
  BOOST_TEST(holds(done.output, "in use"));
  BOOST_TEST(store.run({"demo", "--products", "1"}).exit_code == 1);
  ::close(lock);
  BOOST_TEST(store.import(dir / "cup.csv").exit_code == 0);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(demo)

BOOST_AUTO_TEST_CASE(the_same_seed_is_the_same_store) {
  temp_dir dir;
  const shop one(dir, "one");
  const shop two(dir, "two");
  const std::vector<std::string> small{"demo", "--products", "300", "--stock", "7", "--seed", "3"};
  auto done = one.run(small);
  BOOST_TEST(done.exit_code == 0, done.output);
  BOOST_TEST(holds(done.output, "300 created, 0 updated, 0 unchanged"));
  BOOST_TEST(holds(one.run(small).output, "0 created, 0 updated, 300 unchanged"));
  BOOST_TEST(two.run(small).exit_code == 0);
  const std::string text = one.exported();
  BOOST_TEST(two.exported() == text);
  BOOST_TEST(holds(text, " > "));

  // Another seed is rejected and changes nothing; a larger count of the same seed continues from
  // there.
  done = one.run({"demo", "--products", "300", "--stock", "7", "--seed", "4"});
  BOOST_TEST(done.exit_code == 1);
  BOOST_TEST(holds(done.output, "products that do not belong to this demo"));
  BOOST_TEST(one.exported() == text);
  done = one.run({"demo", "--products", "310", "--stock", "7", "--seed", "3"});
  BOOST_TEST(holds(done.output, "10 created, 0 updated, 300 unchanged"));
}

BOOST_AUTO_TEST_CASE(impossible_numbers_are_usage_errors) {
  temp_dir dir;
  const shop store(dir, "store");
  BOOST_TEST(store.run({"demo", "--products", "0"}).exit_code == 2);
  BOOST_TEST(store.run({"demo", "--products", "many"}).exit_code == 2);
  BOOST_TEST(store.run({"demo", "--stock", "-1"}).exit_code == 2);
  BOOST_TEST(store.run({"demo", "--seed", "-1"}).exit_code == 2);
  BOOST_TEST(!fs::exists(store.data));
  BOOST_TEST(store.run({"demo", "--help"}).exit_code == 0);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(user_create)

BOOST_AUTO_TEST_CASE(the_first_admin) {
  temp_dir dir;
  const shop store(dir, "store");
  write_file(dir / "password", "a long enough secret\r\nsecond line\n");
  auto create = [&](const std::string& name, const std::string& mail, const std::string& role) {
    return store.run({"user", "create", "--role", role, "--username", name, "--email", mail,
                      "--password-file", (dir / "password").string()});
  };
  auto done = create("boss", "boss@example.com", "admin");
  BOOST_TEST(done.exit_code == 0, done.output);
  BOOST_TEST(holds(done.output, "created the admin boss (boss@example.com)"));
  BOOST_TEST(holds(done.output, "is readable by other users"));
  BOOST_TEST(done.output.find("enough") == std::string::npos);
  done = create("BOSS", "other@example.com", "staff");
  BOOST_TEST(done.exit_code == 1);
  BOOST_TEST(holds(done.output, "--username: This user name is taken."));
  done = create("second", "Boss@Example.com", "staff");
  BOOST_TEST(done.exit_code == 1);
  BOOST_TEST(holds(done.output, "--email: "));
  BOOST_TEST(create("a b", "nowhere", "admin").exit_code == 1);
  BOOST_TEST(create("king", "king@example.com", "king").exit_code == 2);
  write_file(dir / "password", "short\n");
  done = create("third", "third@example.com", "customer");
  BOOST_TEST(done.exit_code == 1);
  BOOST_TEST(holds(done.output, "at least 8 characters"));
  write_file(dir / "password", "\n");
  BOOST_TEST(create("fourth", "fourth@example.com", "customer").exit_code == 1);
  fs::remove(dir / "password");
  BOOST_TEST(create("fifth", "fifth@example.com", "customer").exit_code == 1);
}

BOOST_AUTO_TEST_SUITE_END()
