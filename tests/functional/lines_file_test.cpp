// `stoa import jsonl` and `stoa export jsonl` as operators run them, on the store's folder and
// through a running server, and files that are damaged in every way.

#include "tests/support/storefront.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <fstream>
#include <sstream>

using namespace stoa;
using namespace stoa::test;
namespace fs = std::filesystem;
using std::chrono::seconds;

namespace {

using words = std::vector<std::string>;

std::string bytes_of(const fs::path& file) {
  std::ostringstream text;
  text << std::ifstream(file, std::ios::binary).rdbuf();
  return text.str();
}

void write_to(const fs::path& file, const std::string& text) {
  std::ofstream(file, std::ios::binary) << text;
}

bool has_part(const std::string& text, const std::string& part) {
  if (text.find(part) != std::string::npos) return true;
  BOOST_TEST_MESSAGE("\"" << part << "\" is not in: " << text.substr(0, 3000));
  return false;
}

words sorted_lines(const std::string& text) {
  words all;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) all.push_back(line);
  std::ranges::sort(all);
  return all;
}

std::string line_of(const std::string& handle, const std::string& more = "") {
  return R"({"type":"product","handle":")" + handle + R"(","name":"N )" + handle +
         R"(","price":{"amount":100,"currency":"EUR"})" + more + "}\n";
}

std::string price_of(const std::string& list, const std::string& product,
                     const std::string& more = "", const std::string& currency = "EUR") {
  return R"({"type":"price","price_list":")" + list + "\"," + product +
         R"(,"price":{"amount":90,"currency":")" + currency + "\"}" + more + "}\n";
}

std::string without_end(std::string line) {
  line.pop_back();
  return line;
}

/// A store in a separate folder.
struct folder_store {
  folder_store(const temp_dir& dir, const std::string& name) : data(dir / name) {}
  finished_program run(words arguments) const {
    arguments.insert(arguments.end(), {"--data", data.string()});
    return run_program(stoa_binary(), arguments, {}, seconds{300});
  }
  finished_program import(const fs::path& file, words more = {}) const {
    more.insert(more.begin(), {"import", "jsonl", file.string()});
    return run(more);
  }
  std::string exported(words more = {}) const {
    more.insert(more.begin(), {"export", "jsonl"});
    const auto file = data.string() + ".jsonl";
    more.push_back(file);
    const auto done = run(more);
    BOOST_TEST(done.exit_code == 0, done.output);
    return bytes_of(file);
  }
  fs::path data;
};

}  // namespace

BOOST_AUTO_TEST_CASE(a_catalogue_moves_between_folders) {
  const temp_dir dir;
  const folder_store first(dir, "first");
  BOOST_TEST(first.run({"demo", "--products", "300"}).exit_code == 0);
  const auto all = first.exported();
  const auto count = std::to_string(sorted_lines(all).size());
  write_to(dir / "all.jsonl", all);
  auto done = first.import(dir / "all.jsonl", {"--set-stock"});
  BOOST_TEST(done.exit_code == 0, done.output);
  BOOST_TEST(has_part(done.output, ": 0 created, 0 updated, " + count + " unchanged; " + count +
                                       " lines read, 0 not imported;"));
  const folder_store second(dir, "second");
  done = second.import(dir / "all.jsonl", {"--dry-run"});
  BOOST_TEST(has_part(done.output, "dry run: "));
  BOOST_TEST(!fs::exists(second.data));
  done = second.import(dir / "all.jsonl");
  BOOST_TEST(done.exit_code == 0, done.output);
  BOOST_TEST(has_part(done.output, " 0 not imported;"));
  // The import has given the categories of the demo their handles.
  const auto named = second.exported();
  write_to(dir / "named.jsonl", named);
  const folder_store third(dir, "third");
  done = third.import(dir / "named.jsonl");
  BOOST_TEST(has_part(done.output, ": " + count + " created, 0 updated, 0 unchanged;"));
  BOOST_TEST(sorted_lines(third.exported()) == sorted_lines(named),
             boost::test_tools::per_element());
  // The products of the CSV are those of the lines.
  const auto csv = [](const folder_store& s) {
    const auto file = s.data.string() + ".csv";
    BOOST_TEST(s.run({"export", "shopify", file}).exit_code == 0);
    return sorted_lines(bytes_of(file));
  };
  BOOST_TEST((csv(first) == csv(third)));
}

BOOST_AUTO_TEST_CASE(a_dry_run_knows_the_objects_of_earlier_lines) {
  const temp_dir dir;
  const folder_store store(dir, "store");
  const std::string related = R"({"type":"related","product":"a","related":[{"product":"b",)"
                              R"("kind":"similar"}]})"
                              "\n";
  write_to(dir / "all.jsonl",
           R"({"type":"location","code":"DEPOT","name":"Depot"})"
           "\n"
           R"({"type":"product_type","key":"shirt","name":"Shirt","attributes":[]})"
           "\n"
           R"({"type":"category","path":["Clothes"]})"
           "\n" +
               line_of("a", R"(,"product_type":"shirt","category":["Clothes","Shirts"],)"
                            R"("on_hand":9,"levels":[{"location":"DEPOT","on_hand":4}])") +
               line_of("b") +
               R"({"type":"collection","handle":"rule","name":"R","rule":{"category":)"
               R"(["Clothes","Shirts"]}})"
               "\n"
               R"({"type":"collection","handle":"hand","name":"H","products":["b","a"]})"
               "\n" +
               related);
  const std::string counts = "8 created, 0 updated, 0 unchanged; 8 lines read, 0 not imported";
  auto done = store.import(dir / "all.jsonl", {"--dry-run"});
  BOOST_TEST(done.exit_code == 0, done.output);
  BOOST_TEST(has_part(done.output, ": dry run: " + counts));
  done = store.import(dir / "all.jsonl");
  BOOST_TEST(done.exit_code == 0, done.output);
  BOOST_TEST(has_part(done.output, ": " + counts));
  const folder_store other(dir, "other");
  write_to(dir / "part.jsonl", line_of("b") + related);
  done = other.import(dir / "part.jsonl", {"--dry-run"});
  BOOST_TEST(done.exit_code == 3, done.output);
  BOOST_TEST(has_part(done.output, "/product: Unknown product."));
}

BOOST_AUTO_TEST_CASE(price_lists_move_between_folders) {
  const temp_dir dir;
  const folder_store first(dir, "first");
  const std::string id = "0194f3a2-7c1e-7d55-a1b0-5a2f4c6d8e90";
  const std::string all =
      line_of("radio", R"(,"sku":"R-1")") +
      line_of("shirt", R"(,"variants":[{"options":[{"name":"Size","value":"M"}]},)"
                       R"({"options":[{"name":"Size","value":"L"}],"sku":"S-L"}])") +
      R"({"type":"price_list","name":"VIP","currency":"EUR","kind":"regular","customer_groups":)"
      R"(["vip"],"priority":2,"enabled":true,"key":"vip"})"
      "\n"
      R"({"type":"price_list","price_list_id":")" +
      id + R"(","name":"Yen","currency":"JPY"})" + "\n" + price_of("vip", R"("product":"radio")") +
      price_of("vip", R"("product":"shirt","options":[{"name":"Size","value":"M"}])",
               R"(,"tiers":[{"min_quantity":5,"price":{"amount":80,"currency":"EUR"}}])") +
      price_of("vip", R"("sku":"S-L")") + price_of(id, R"("product":"radio")", "", "JPY");
  write_to(dir / "all.jsonl", all);
  const std::string counts = "8 created, 0 updated, 0 unchanged; 8 lines read, 0 not imported";
  auto done = first.import(dir / "all.jsonl", {"--dry-run"});
  BOOST_TEST(done.exit_code == 0, done.output);
  BOOST_TEST(has_part(done.output, ": dry run: " + counts));
  done = first.import(dir / "all.jsonl");
  BOOST_TEST(has_part(done.output, ": " + counts));
  done = first.import(dir / "all.jsonl");
  BOOST_TEST(has_part(done.output, ": 0 created, 0 updated, 8 unchanged;"));

  const auto exported = first.exported();
  BOOST_TEST(sorted_lines(exported).size() == 8U);
  BOOST_TEST(has_part(exported, R"({"type":"price","price_list":"vip","product":"shirt","options":)"
                                R"([{"name":"Size","value":"L"}],)"));
  write_to(dir / "exported.jsonl", exported);
  const folder_store second(dir, "second");
  done = second.import(dir / "exported.jsonl");
  BOOST_TEST(has_part(done.output, ": " + counts));
  BOOST_TEST(sorted_lines(second.exported()) == sorted_lines(exported),
             boost::test_tools::per_element());
  // Without the services that a server has.
  BOOST_TEST(!fs::exists(second.data / "order.db"));

  write_to(dir / "changes.jsonl",
           price_of("vip", R"("product":"radio")", "", "USD") +
               R"({"type":"price","price_list":"vip","sku":"R-1","price":null})" + "\n" +
               price_of("none", R"("product":"radio")") + price_of("vip", R"("product":"shirt")") +
               price_of("vip", R"("product":"lamp")") +
               R"({"type":"price_list","key":"vip","name":"Gold"})" + "\n");
  done = first.import(dir / "changes.jsonl");
  BOOST_TEST(done.exit_code == 3, done.output);
  BOOST_TEST(has_part(done.output, ": 0 created, 2 updated, 0 unchanged; 6 lines read, 4 not"));
  for (const auto* problem :
       {"changes.jsonl:1: \"price vip: radio\": /price/currency: ",
        "changes.jsonl:3: \"price none: radio\": /price_list: Unknown price list.",
        "changes.jsonl:4: \"price vip: shirt\": /product: ",
        "changes.jsonl:5: \"price vip: lamp\": /product: Unknown product."}) {
    BOOST_TEST(has_part(done.output, problem));
  }
  BOOST_TEST(sorted_lines(first.exported()).size() == 7U);
  BOOST_TEST(has_part(first.exported(), R"("name":"Gold")"));

  // A dry run knows the variant that an earlier line adds, and no other one.
  const auto size = [](const std::string& value) {
    return R"("product":"shirt","options":[{"name":"Size","value":")" + value + "\"}]";
  };
  write_to(dir / "sizes.jsonl",
           R"({"type":"product","handle":"shirt","variants":[{"options":[{"name":"Size","value":)"
           R"("XL"}],"sku":"S-XL"}]})"
           "\n" +
               price_of("vip", size("XL")) + price_of("vip", R"("sku":"S-XL")") +
               price_of("vip", size("XXL")));
  done = first.import(dir / "sizes.jsonl", {"--dry-run"});
  BOOST_TEST(has_part(done.output, "2 created, 1 updated, 0 unchanged; 4 lines read, 1 not"));
  BOOST_TEST(has_part(done.output, "sizes.jsonl:4: \"price vip: shirt [XXL]\": /options: "));
}

BOOST_AUTO_TEST_CASE(options_of_both_commands) {
  const temp_dir dir;
  const folder_store store(dir, "store");
  write_to(dir / "two.jsonl",
           line_of("a", R"(,"on_hand":4)") + line_of("b", R"(,"status":"Draft","on_hand":5)"));
  BOOST_TEST(store.import(dir / "two.jsonl").exit_code == 0);
  write_to(dir / "more.jsonl", R"({"type":"product","handle":"a","on_hand":9})"
                               "\n");
  auto done = store.import(dir / "more.jsonl");
  BOOST_TEST(has_part(done.output, "0 updated, 1 unchanged"));
  done = store.import(dir / "more.jsonl", {"--set-stock", "--dry-run"});
  BOOST_TEST(has_part(done.output, "more.jsonl:1: product a: on_hand: \"4\" -> \"9\"\n"));
  BOOST_TEST(has_part(store.exported(), R"("on_hand":4)"));
  done = store.import(dir / "more.jsonl", {"--set-stock"});
  BOOST_TEST(has_part(done.output, "1 updated, 0 unchanged"));
  BOOST_TEST(has_part(store.exported(), R"("on_hand":9)"));
  BOOST_TEST(sorted_lines(store.exported({"--status", "Draft"})).size() == 1U);
  BOOST_TEST(sorted_lines(store.exported({"--updated-since", "2099-01-01T00:00:00Z"})).empty());
  BOOST_TEST(sorted_lines(store.exported({"--updated-since", "2020-01-01T00:00:00Z"})).size() ==
             2U);
  const auto csv = store.run({"export", "shopify", "--status", "Draft"});
  BOOST_TEST(has_part(csv.output, "1 products exported"));
  for (const auto& wrong : {words{"--status", "Gone"}, words{"--updated-since", "yesterday"}}) {
    auto given = wrong;
    given.insert(given.begin(), {"export", "jsonl"});
    BOOST_TEST(store.run(given).exit_code == 2);
  }
}

BOOST_AUTO_TEST_CASE(damaged_lines_are_listed_and_the_others_imported) {
  const temp_dir dir;
  const folder_store store(dir, "store");
  std::string nul = line_of("nul");
  nul[nul.find("N nul")] = '\0';
  const std::string text =
      "\xEF\xBB\xBF" + line_of("first") + "\r\n \t\r\n" + without_end(line_of("crlf")) +
      std::string("\r\n") + R"({"type":"product","handle":"long","description":")" +
      std::string(9'000'000, 'x') + "\"}\n" + line_of("utf\xFF") + std::string(100'000, '[') +
      "\n" + R"({"a":)" + std::string(40, '[') + std::string(40, ']') + "}\n" + nul +
      R"({"type":"product","handle":"none"})" + "\n" + "\xEF\xBB\xBF" + line_of("mark") +
      without_end(line_of("last"));
  write_to(dir / "bad.jsonl", text);
  const auto done = store.import(dir / "bad.jsonl");
  BOOST_TEST(done.exit_code == 3);
  BOOST_TEST(has_part(done.output,
                      "3 created, 0 updated, 0 unchanged; 10 lines read, 7 not "
                      "imported"));
  BOOST_TEST(has_part(done.output, "bad.jsonl:5: A line has at most 8388608 bytes.\n"));
  BOOST_TEST(has_part(done.output, "bad.jsonl:10: \"product none\": /name: "));
  for (const auto* line : {":6: ", ":7: ", ":8: ", ":9: ", ":11: "}) {
    BOOST_TEST(has_part(done.output, "bad.jsonl" + std::string(line)));
  }
  const auto exported = store.exported();
  for (const auto* handle : {"\"first\"", "\"crlf\"", "\"last\""}) {
    BOOST_TEST(has_part(exported, handle));
  }
}

BOOST_AUTO_TEST_CASE(the_report_of_very_many_bad_lines_is_bounded) {
  const temp_dir dir;
  const folder_store store(dir, "store");
  std::string text;
  for (int i = 0; i < 300'000; ++i) text += i % 3 == 0 ? "x\n" : i % 3 == 1 ? "{}\n" : "[1]\n";
  write_to(dir / "many.jsonl", text + line_of("good"));
  const auto done = store.import(dir / "many.jsonl");
  BOOST_TEST(done.exit_code == 3);
  BOOST_TEST(done.output.size() < 30'000U);
  BOOST_TEST(has_part(done.output, "... and 299900 more errors"));
  BOOST_TEST(has_part(done.output,
                      "1 created, 0 updated, 0 unchanged; 300001 lines read, 300000 "
                      "not imported"));
  write_to(dir / "bad.jsonl", "x\n");
  write_to(dir / "empty.jsonl", "");
  for (const auto* name : {"bad.jsonl", "empty.jsonl", "missing.jsonl"}) {
    BOOST_TEST(store.import(dir / name).exit_code == 1, name);
  }
}

BOOST_AUTO_TEST_CASE(a_killed_server_resumes_the_import_of_lines) {
  storefront shop({.products = 3});
  visitor v(shop.port());
  auto root = v.log_in("root");
  constexpr int count = 4000;
  std::string file = R"({"type":"location","code":"SHOP","name":"Shop"})"
                     "\n";
  const std::string stock =
      R"(,"on_hand":5,"levels":[{"location":"SHOP","on_hand":2}],"category":["C)";
  for (int i = 0; i < count; ++i) {
    file += line_of("job-" + std::to_string(i), stock + std::to_string(i % 7) + R"(","D"])");
    if (i % 100 == 50) file += "x\n";
  }
  const auto made = v.client.post("/admin/v1/imports?set_stock=true", file,
                                  with(root, "Content-Type", "application/x-ndjson"));
  BOOST_TEST_REQUIRE(made.status == 202, made.body);
  const auto path = made.header("Location");
  const auto view_of = [&] { return v.client.get(path, root).json(); };
  for (const int seen : {100, 1500}) {
    BOOST_TEST(eventually([&] { return number_at(view_of(), "/products/created") > seen; }));
    shop.process().kill();
    shop.process().start();
    v.client.disconnect();
    root = v.log_in("root");
  }
  BOOST_TEST(eventually([&] { return text_at(view_of(), "/state") == "completed"; }));
  const auto view = view_of();
  BOOST_TEST(number_at(view, "/products/created") == count + 1);
  BOOST_TEST(number_at(view, "/products/unchanged") == 0);
  BOOST_TEST(number_at(view, "/products/updated") == 0);
  BOOST_TEST(number_at(view, "/products/rejected") == count / 100);
  BOOST_TEST(number_at(view, "/rows") == count + 1 + count / 100);
  const auto product = v.client.get("/admin/v1/products?handle=job-0", root).json();
  const auto ledger = v.client.get(
      "/admin/v1/products/" + text_at(product, "/data/0/product_id") + "/inventory", root);
  // Its units at each location are booked once.
  BOOST_TEST(size_at(ledger.json(), "/data") == 2U, ledger.body);
  shop.process().stop();
  const auto check = run_program(stoa_binary(), {"check", "--data", shop.data().string()}, {});
  BOOST_TEST(check.exit_code == 0, check.output);
}

BOOST_AUTO_TEST_CASE(a_killed_server_resumes_the_import_of_prices) {
  storefront shop({.products = 3});
  visitor v(shop.port());
  auto root = v.log_in("root");
  constexpr int count = 3000;
  std::string file = R"({"type":"price_list","key":"vip","name":"VIP","currency":"EUR"})"
                     "\n";
  std::string products;
  for (int i = 0; i < count; ++i) {
    const auto handle = "job-" + std::to_string(i);
    products += line_of(handle);
    file += price_of("vip", R"("product":")" + handle + '"');
    if (i % 100 == 50) file += price_of("vip", R"("product":"none")");
  }
  const auto started = [&](const std::string& text) {
    const auto made = v.client.post("/admin/v1/imports", text,
                                    with(root, "Content-Type", "application/x-ndjson"));
    BOOST_TEST_REQUIRE(made.status == 202, made.body);
    return made.header("Location");
  };
  const auto path = started(products + file);
  const auto view_of = [&] { return v.client.get(path, root).json(); };
  for (const int seen : {count + 100, count + 1500}) {
    BOOST_TEST(
        eventually([&] { return number_at(view_of(), "/products/created") > seen; }, seconds{60}));
    shop.process().kill();
    shop.process().start();
    v.client.disconnect();
    root = v.log_in("root");
  }
  BOOST_TEST(eventually([&] { return text_at(view_of(), "/state") == "completed"; }, seconds{60}));
  const auto view = view_of();
  // A batch that was stored, but not yet counted, counts as unchanged when it is repeated.
  const auto unchanged = number_at(view, "/products/unchanged");
  BOOST_TEST(unchanged <= 2 * 64);
  BOOST_TEST(number_at(view, "/products/created") + unchanged == 2 * count + 1);
  BOOST_TEST(number_at(view, "/products/updated") == 0);
  BOOST_TEST(number_at(view, "/products/rejected") == count / 100);
  BOOST_TEST(text_at(view, "/problems/0/pointer") == "/product");
  BOOST_TEST(text_at(view, "/problems/0/code") == "unknown");
  BOOST_TEST(number_at(view, "/problems/0/line") == count + 53);
  const auto lists = v.client.get("/admin/v1/price-lists", root).json();
  BOOST_TEST(number_at(lists, "/data/0/entries") == count);
  BOOST_TEST(text_at(lists, "/data/0/key") == "vip");
  const auto again = started(file);
  BOOST_TEST(
      eventually([&] { return text_at(v.client.get(again, root).json(), "/state") == "completed"; },
                 seconds{60}));
  BOOST_TEST(number_at(v.client.get(again, root).json(), "/products/unchanged") == count + 1);
  shop.process().stop();
  const auto check = run_program(stoa_binary(), {"check", "--data", shop.data().string()}, {});
  BOOST_TEST(check.exit_code == 0, check.output);
}

BOOST_AUTO_TEST_CASE(a_job_of_rejected_lines_shows_its_progress_and_can_be_cancelled) {
  storefront shop({.products = 3});
  visitor v(shop.port());
  const auto root = with(v.log_in("root"), "Content-Type", "application/x-ndjson");
  std::string file;
  for (int i = 0; i < 6'000'000; ++i) file += "x\n";
  const auto made = v.client.post("/admin/v1/imports", file, root);
  BOOST_TEST_REQUIRE(made.status == 202, made.body);
  const auto path = made.header("Location");
  json::value view;
  BOOST_TEST(eventually([&] {
    view = v.client.get(path, root).json();
    return number_at(view, "/rows") > 0;
  }));
  BOOST_TEST(text_at(view, "/state") == "running");
  BOOST_TEST(size_at(view, "/problems") == 100U);
  BOOST_TEST(v.client.post(path + "/cancel", "", root).status == 200);
  const auto next = v.client.post("/admin/v1/imports", line_of("next"), root);
  BOOST_TEST(eventually([&] {
    return text_at(v.client.get(next.header("Location"), root).json(), "/state") == "completed";
  }));
  BOOST_TEST(text_at(v.client.get(path, root).json(), "/state") == "cancelled");
}

BOOST_AUTO_TEST_CASE(the_commands_work_through_a_server) {
  storefront shop({.products = 60});
  const temp_dir dir;
  const words login{"--url", shop.process().url(), "--user", "root"};
  const auto run = [&](words given) {
    given.insert(given.end(), login.begin(), login.end());
    return run_program(stoa_binary(), given, {{"STOA_PASSWORD", std::string(shared_password)}},
                       seconds{60});
  };
  const auto there = (dir / "there.jsonl").string();
  const auto here = (dir / "here.jsonl").string();
  auto done = run({"export", "jsonl", there});
  BOOST_TEST(done.exit_code == 0, done.output);
  done = run_program(stoa_binary(), {"export", "jsonl", here, "--data", shop.data().string()});
  BOOST_TEST(done.exit_code == 0, done.output);
  BOOST_TEST((bytes_of(there) == bytes_of(here)));
  const auto lines = sorted_lines(bytes_of(there)).size();
  BOOST_TEST(has_part(done.output, std::to_string(lines) + " objects exported"));
  done = run({"export", "jsonl", there, "--status", "Draft"});
  BOOST_TEST(sorted_lines(bytes_of(there)).size() < lines);
  done = run({"export", "shopify", there, "--updated-since", "2099-01-01T00:00:00+01:00"});
  BOOST_TEST(has_part(done.output, "0 products exported"));
  const auto file = (dir / "more.jsonl").string();
  write_to(file, bytes_of(here) + line_of("new") + R"({"type":"product","handle":"none"})" + "\n");
  done = run({"import", "jsonl", file, "--dry-run"});
  BOOST_TEST(has_part(done.output, ": product new: created"));
  done = run({"import", "jsonl", file});
  BOOST_TEST(done.exit_code == 3, done.output);
  BOOST_TEST(has_part(done.output, "1 created, 0 updated, " + std::to_string(lines) +
                                       " unchanged; " + std::to_string(lines + 2) +
                                       " lines read, 1 not imported, 1 objects rejected"));
  BOOST_TEST(has_part(done.output,
                      file + ":" + std::to_string(lines + 2) + ": \"product none\": /name: "));
  done = run_program(stoa_binary(), {"import", "jsonl", file, "--data", shop.data().string()});
  BOOST_TEST(done.exit_code == 1);
  BOOST_TEST(has_part(done.output, "--url"));
}
