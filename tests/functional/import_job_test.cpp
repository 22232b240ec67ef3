// Imports and exports through a running server: jobs, reports, repeats, cancellation and crashes,
// and the commands with --url.

#include "tests/support/skip.hpp"
#include "tests/support/storefront.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <thread>

using namespace stoa;
using namespace stoa::test;
namespace fs = std::filesystem;
using std::chrono::seconds;

namespace {

const std::string header = "Handle,Title,Variant SKU,Variant Inventory Qty,Variant Price,Status\n";

std::string products(int count, int stock = 5) {
  std::string csv = header;
  for (int i = 0; i < count; ++i) {
    const auto n = std::to_string(i);
    csv += "job-" + n + ",Job " + n + ",JOB-" + n + "," + std::to_string(stock) + ",9.99,active\n";
  }
  return csv;
}

header_list csv_of(header_list who) {
  return with(std::move(who), "Content-Type", "text/csv");
}

/// Waits until the job has ended.
json::value ended(visitor& v, const std::string& path, const header_list& who) {
  json::value view;
  const bool done = eventually(
      [&] {
        const auto a = v.client.get(path, who);
        if (a.status != 200) return false;
        view = a.json();
        const auto state = text_at(view, "/state");
        return state != "receiving" && state != "queued" && state != "running";
      },
      seconds{60});
  BOOST_TEST_REQUIRE(done);
  return view;
}

std::string read(const fs::path& file) {
  std::ostringstream text;
  text << std::ifstream(file, std::ios::binary).rdbuf();
  return text.str();
}

void write(const fs::path& file, const std::string& text) {
  std::ofstream(file, std::ios::binary) << text;
}

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_catalogue_moves_to_another_store_as_json_lines) {
  storefront shop({.products = 40});
  visitor v(shop.port());
  const auto root = v.log_in("root");
  const auto exported = v.client.get("/admin/v1/export?format=jsonl", root);
  BOOST_TEST_REQUIRE(exported.status == 200, exported.body);
  BOOST_TEST(exported.header("Content-Type") == "application/x-ndjson");
  const auto lines = std::count(exported.body.begin(), exported.body.end(), '\n');
  BOOST_TEST(lines > 40);
  BOOST_TEST(exported.header("Stoa-Objects-Exported") == std::to_string(lines));
  const auto import_into = [&](visitor& into, const header_list& who, const std::string& file) {
    const auto made = into.client.post("/admin/v1/imports", file,
                                       with(who, "Content-Type", "application/x-ndjson"));
    BOOST_TEST_REQUIRE(made.status == 202, made.body);
    return ended(into, made.header("Location"), who);
  };
  const auto same = import_into(v, root, exported.body);
  BOOST_TEST(text_at(same, "/format") == "jsonl");
  BOOST_TEST(number_at(same, "/products/unchanged") == lines);
  storefront other({.products = 1});
  visitor w(other.port());
  const auto there = w.log_in("root");
  const auto moved = import_into(w, there, exported.body + "{\"type\":\"product\"}\n[\n");
  BOOST_TEST(text_at(moved, "/state") == "completed");
  const auto done = number_at(moved, "/products/created") + number_at(moved, "/products/updated") +
                    number_at(moved, "/products/unchanged");
  BOOST_TEST(done == lines);
  BOOST_TEST(number_at(moved, "/products/rejected") == 2);
  BOOST_TEST(text_at(moved, "/problems/0/pointer") == "/handle");
  BOOST_TEST(text_at(moved, "/problems/0/code") == "required");
  BOOST_TEST(number_at(moved, "/problems/1/line") == lines + 2);
  const auto again = w.client.get("/admin/v1/export?format=jsonl", there);
  const auto sorted = [](const std::string& text) {
    std::vector<std::string> all;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) all.push_back(line);
    std::sort(all.begin(), all.end());
    return all;
  };
  BOOST_TEST(sorted(again.body) == sorted(exported.body), boost::test_tools::per_element());
  const auto wrong =
      v.client.post("/admin/v1/imports?format=jsonl", "Handle,Title\n", csv_of(root));
  BOOST_TEST(wrong.status == 400);
  BOOST_TEST(pointers_of(wrong) == "?format");
  const auto none = v.client.get("/admin/v1/export?status=Draft", root);
  BOOST_TEST(none.header("Stoa-Products-Exported") == "0");
}

BOOST_AUTO_TEST_CASE(a_file_is_imported_as_a_job) {
  storefront shop({.products = 3});
  visitor v(shop.port());
  const auto root = v.log_in("root");
  const auto file = products(150) + "job-bad,Bad,,1,much,active\njob-0,Twice,,1,1,active\n";
  const auto keyed = with(csv_of(root), "Idempotency-Key", unique("import"));
  const auto made = v.client.post("/admin/v1/imports", file, keyed);
  BOOST_TEST_REQUIRE(made.status == 202, made.body);
  const auto path = made.header("Location");
  BOOST_TEST(path == "/admin/v1/imports/" + text_at(made.json(), "/import_id"));
  const auto view = ended(v, path, root);
  BOOST_TEST(text_at(view, "/state") == "completed");
  BOOST_TEST(number_at(view, "/products/created") == 150);
  BOOST_TEST(number_at(view, "/rows_rejected") >= 1);
  BOOST_TEST(number_at(view, "/rows") == 152);
  BOOST_TEST(number_at(view, "/bytes") == static_cast<std::int64_t>(file.size()));
  BOOST_TEST(number_at(view, "/problems/0/line") == 152);
  BOOST_TEST(has(view, "/columns_updated/0"));
  BOOST_TEST(has(view, "/finished_at"));
  // The same key returns the same job; another job has nothing to change.
  const auto again = v.client.post("/admin/v1/imports", file, keyed);
  BOOST_TEST(again.status == 202);
  BOOST_TEST(again.header("Location") == path);
  const auto other = v.client.post("/admin/v1/imports", products(150), csv_of(root));
  const auto unchanged = ended(v, other.header("Location"), root);
  BOOST_TEST(number_at(unchanged, "/products/unchanged") == 150);
  BOOST_TEST(number_at(unchanged, "/products/created") == 0);
  const auto list = v.client.get("/admin/v1/imports?limit=1", root).json();
  BOOST_TEST(text_at(list, "/data/0/import_id") == text_at(unchanged, "/import_id"));
  BOOST_TEST(!has(list, "/data/0/problems"));
  BOOST_TEST(!text_at(list, "/next_cursor").empty());
  // The imported products are for sale.
  BOOST_TEST(number_at(v.client.get("/store/v1/products?q=job&limit=1").json(),
                       "/data/0/inventory_count") == 5);
}

BOOST_AUTO_TEST_CASE(a_dry_run_changes_nothing) {
  storefront shop({.products = 3});
  visitor v(shop.port());
  const auto root = v.log_in("root");
  const auto made = v.client.post("/admin/v1/imports?dry_run=true", products(2), csv_of(root));
  const auto view = ended(v, made.header("Location"), root);
  BOOST_TEST(text_at(view, "/state") == "completed");
  BOOST_TEST(number_at(view, "/products/created") == 2);
  BOOST_TEST(has(view, "/changes/0"));
  BOOST_TEST(size_at(v.client.get("/store/v1/products?q=job").json(), "/data") == 0U);
}

BOOST_AUTO_TEST_CASE(what_is_no_import_is_refused) {
  storefront shop({.products = 3, .settings = {{"STOA_CATALOG_IMPORT_BYTES_MAX", "1048576"}}});
  visitor v(shop.port());
  const auto root = v.log_in("root");
  const auto post = [&](const std::string& body, const header_list& h,
                        const std::string& query = "") {
    return v.client.post("/admin/v1/imports" + query, body, h);
  };
  BOOST_TEST(post(products(1), root).status == 415);
  BOOST_TEST(post(products(1), with(root, "Content-Type", "application/json")).status == 415);
  BOOST_TEST(post("", csv_of(root)).status == 400);
  const auto unreadable = post("Colour,Size\nred,M\n", csv_of(root));
  BOOST_TEST(unreadable.status == 422);
  BOOST_TEST(unreadable.code() == "import_file_unreadable");
  BOOST_TEST(post(products(1), csv_of(root), "?dry=true").status == 400);
  BOOST_TEST(post(products(1), csv_of({})).status == 401);
  BOOST_TEST(post(products(1), csv_of(v.sign_up("carl"))).status == 403);
  BOOST_TEST(post(header + std::string(1'100'000, 'x'), csv_of(root)).status == 413);
  // The command shows the reason, although the server closes before it has read the file.
  const temp_dir dir;
  const auto file = (dir / "large.csv").string();
  write(file, header + std::string(40'000'000, 'x'));
  const auto done = run_program(
      stoa_binary(), {"import", "shopify", file, "--url", shop.process().url(), "--user", "root"},
      {{"STOA_PASSWORD", std::string(shared_password)}}, seconds{60});
  BOOST_TEST(done.exit_code == 1, done.output);
  BOOST_TEST(holds(done.output, "The body is larger than "), done.output);
  // Other routes keep the general body limit.
  BOOST_TEST(v.client.get("/admin/v1/imports/" + unique("no"), root).status == 404);
  const auto none = v.client.get("/admin/v1/imports", root).json();
  BOOST_TEST(size_at(none, "/data") == 0U);
}

BOOST_AUTO_TEST_CASE(imports_wait_for_each_other_and_can_be_cancelled) {
  storefront shop({.products = 3});
  visitor v(shop.port());
  const auto root = v.log_in("root");
  std::vector<std::string> paths;
  http_answer last;
  for (int i = 0; i < 30 && (i == 0 || last.status == 202); ++i) {
    last = v.client.post("/admin/v1/imports", products(4000, i), csv_of(root));
    if (last.status == 202) paths.push_back(last.header("Location"));
  }
  BOOST_TEST(last.status == 409);
  BOOST_TEST(last.code() == "import_queue_full");
  for (auto path = paths.rbegin(); path != paths.rend(); ++path) {
    const auto cancelled = v.client.post(*path + "/cancel", "", root);
    BOOST_TEST((cancelled.status == 200 || cancelled.code() == "import_finished"), cancelled.body);
  }
  const auto first = ended(v, paths.back(), root);
  BOOST_TEST(text_at(first, "/state") == "cancelled");
  // The queue has room again.
  const auto next = v.client.post("/admin/v1/imports", products(1), csv_of(root));
  BOOST_TEST_REQUIRE(next.status == 202);
  BOOST_TEST(text_at(ended(v, next.header("Location"), root), "/state") == "completed");
  BOOST_TEST(v.client.post(next.header("Location") + "/cancel", "", root).code() ==
             "import_finished");
}

BOOST_AUTO_TEST_CASE(a_cancelled_import_leaves_no_product_without_its_sku) {
  storefront shop({.products = 3});
  visitor v(shop.port());
  const auto root = v.log_in("root");
  constexpr int count = 4000;
  const auto before = v.client.post("/admin/v1/imports", products(count), csv_of(root));
  BOOST_TEST_REQUIRE(text_at(ended(v, before.header("Location"), root), "/state") == "completed");
  // Each product gets the SKU of the next one.
  std::string csv = "Handle,Title,Variant SKU\n";
  for (int i = 0; i < count; ++i) {
    const auto n = std::to_string(i);
    csv += "job-" + n + ",New " + n + ",JOB-" + std::to_string(i ^ 1) + "\n";
  }
  const auto path = v.client.post("/admin/v1/imports", csv, csv_of(root)).header("Location");
  BOOST_TEST(eventually(
      [&] { return number_at(v.client.get(path, root).json(), "/products/updated") > 100; }));
  v.client.post(path + "/cancel", "", root);
  BOOST_TEST(text_at(ended(v, path, root), "/state") == "cancelled");
  const auto product = [&](const std::string& n) {
    return v.client.get("/admin/v1/products?handle=job-" + n, root).json();
  };
  for (const auto* n : {"0", "1", "50", "99"}) {
    const auto wanted = "JOB-" + std::to_string(std::stoi(n) ^ 1);
    BOOST_TEST(eventually([&] {
                 const auto view = product(n);
                 return has(view, "/data/0/sku") && text_at(view, "/data/0/sku") == wanted;
               }),
               n);
    BOOST_TEST(text_at(product(n), "/data/0/name") == "New " + std::string(n));
  }
  const auto last = std::to_string(count - 1);
  BOOST_TEST(text_at(product(last), "/data/0/sku") == "JOB-" + last);
}

BOOST_AUTO_TEST_CASE(a_cancelled_import_reports_all_that_it_has_changed) {
  storefront shop({.products = 3});
  visitor v(shop.port());
  const auto root = v.log_in("root");
  const auto path =
      v.client.post("/admin/v1/imports", products(5000), csv_of(root)).header("Location");
  BOOST_TEST(eventually(
      [&] { return number_at(v.client.get(path, root).json(), "/products/created") > 200; }));
  v.client.post(path + "/cancel", "", root);
  const auto reported = number_at(ended(v, path, root), "/products/created");
  BOOST_TEST(reported < 5000);
  const auto there = [&] {
    return number_at(v.client.get("/admin/v1/products?limit=1&count=true", root).json(), "/total");
  };
  BOOST_TEST(there() == reported + 3);
  // Commands sent before the cancellation change nothing afterwards.
  std::this_thread::sleep_for(seconds{1});
  BOOST_TEST(there() == reported + 3);
  const auto metrics = v.client.get("/metrics").body;
  BOOST_TEST(holds(metrics, "stoa_imports_total{format=\"shopify\",outcome=\"cancelled\"} 1"),
             metrics);
  BOOST_TEST(holds(metrics, "stoa_import_products_total{format=\"shopify\",result=\"created\"} " +
                                std::to_string(reported)));
  BOOST_TEST(holds(metrics, "stoa_imports_running 0"));
}

BOOST_AUTO_TEST_CASE(a_killed_server_resumes_the_import) {
  storefront shop({.products = 3});
  visitor v(shop.port());
  auto root = v.log_in("root");
  const auto made = v.client.post("/admin/v1/imports?set_stock=true", products(5000), csv_of(root));
  BOOST_TEST_REQUIRE(made.status == 202, made.body);
  const auto path = made.header("Location");
  BOOST_TEST(eventually(
      [&] { return number_at(v.client.get(path, root).json(), "/products/created") > 100; }));
  shop.process().kill();
  shop.process().start();
  v.client.disconnect();
  root = v.log_in("root");
  const auto view = ended(v, path, root);
  BOOST_TEST(text_at(view, "/state") == "completed");
  BOOST_TEST(number_at(view, "/products/created") == 5000);
  BOOST_TEST(number_at(view, "/products/unchanged") == 0);
  const auto again = v.client.post("/admin/v1/imports", products(5000), csv_of(root));
  BOOST_TEST(number_at(ended(v, again.header("Location"), root), "/products/unchanged") == 5000);
}

BOOST_AUTO_TEST_CASE(the_commands_work_while_the_server_runs) {
  storefront shop({.products = 60});
  const temp_dir dir;
  const auto password = (dir / "password").string();
  write(password, std::string(shared_password) + "\n");
  const std::vector<std::string> login{"--url", shop.process().url(), "--user", "root"};
  const auto run = [&](std::vector<std::string> words, const environment& settings = {}) {
    words.insert(words.end(), login.begin(), login.end());
    return run_program(stoa_binary(), words, settings, seconds{60});
  };
  const environment by_variable{{"STOA_PASSWORD", std::string(shared_password)}};
  // Export: the same bytes as from the data directory.
  const auto there = (dir / "there.csv").string();
  const auto here = (dir / "here.csv").string();
  auto done = run({"export", "shopify", there, "--password-file", password});
  BOOST_TEST(done.exit_code == 0, done.output);
  done = run_program(stoa_binary(), {"export", "shopify", here, "--data", shop.data().string()});
  BOOST_TEST(done.exit_code == 0, done.output);
  BOOST_TEST((read(there) == read(here)));
  BOOST_TEST(read(there).size() > 1000U);
  // Import.
  const auto file = (dir / "more.csv").string();
  write(file, products(20) + "job-bad,Bad,,1,much,active\n");
  done = run({"import", "shopify", file}, by_variable);
  BOOST_TEST(done.exit_code == 3, done.output);
  BOOST_TEST(holds(done.output, "20 created, 0 updated, 0 unchanged"), done.output);
  BOOST_TEST(holds(done.output, file + ":22: "), done.output);
  // A new staff account that can log in.
  done = run({"user", "create", "--role", "staff", "--username", "bob", "--email",
              "bob@example.com", "--password-file", password},
             by_variable);
  BOOST_TEST(done.exit_code == 0, done.output);
  BOOST_TEST(holds(done.output, "created the staff bob"));
  visitor v(shop.port());
  const auto bob = v.log_in("bob");
  BOOST_TEST(v.client.get("/admin/v1/imports", bob).status == 200);
  BOOST_TEST(holds(shop.log(), "\"user created\""));
  // Staff cannot create users, which the command reports.
  const auto account = R"({"username":"eve","email":"eve@example.com","password":"a long password",
    "first_name":"E","last_name":"V","role":"admin"})";
  BOOST_TEST(v.client.post("/admin/v1/users", account, bob).status == 403);
  const auto root = v.log_in("root");
  const auto made = v.client.post("/admin/v1/users", account, root);
  BOOST_TEST(made.status == 201, made.body);
  BOOST_TEST(text_at(made.json(), "/role") == "admin");
  BOOST_TEST(v.client.post("/admin/v1/users", account, root).status == 409);
  // Wrong passwords, and the hint of the commands that need the data directory.
  done = run({"export", "shopify", there}, {{"STOA_PASSWORD", "wrong password"}});
  BOOST_TEST(done.exit_code == 1);
  BOOST_TEST(holds(done.output, "login failed: The login or the password is wrong."), done.output);
  done = run_program(stoa_binary(), {"import", "shopify", file, "--data", shop.data().string()});
  BOOST_TEST(done.exit_code == 1);
  BOOST_TEST(holds(done.output, "--url"), done.output);
}
