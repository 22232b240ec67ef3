// Exports as jobs, and Stoa's product CSV, through a running server: the same files as the pages of
// GET /admin/v1/export, repeats, cancellation, crashes.

#include "tests/support/storefront.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <thread>

using namespace stoa;
using namespace stoa::test;
using std::chrono::seconds;

namespace {

const std::string exports = "/admin/v1/exports";

bool mentions(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// Waits until the job has ended.
json::value ended_job(visitor& v, const std::string& path, const header_list& who) {
  json::value view;
  const bool done = eventually(
      [&] {
        const auto a = v.client.get(path, who);
        if (a.status != 200) return false;
        view = a.json();
        const auto state = text_at(view, "/state");
        return state != "receiving" && state != "queued" && state != "running";
      },
      seconds{120});
  BOOST_TEST_REQUIRE(done);
  return view;
}

/// The pages of the URL, one after the other.
std::string all_pages(visitor& v, std::string path, const header_list& who) {
  std::string file;
  while (!path.empty()) {
    const auto page = v.client.get(path, who);
    BOOST_TEST_REQUIRE(page.status == 200, page.body.substr(0, 300));
    file += page.body;
    const auto link = page.header("Link");
    const auto begin = link.find('<');
    path = begin == std::string::npos ? "" : link.substr(begin + 1, link.find('>') - begin - 1);
    if (const auto host = path.find("/admin/"); host != std::string::npos) path = path.substr(host);
  }
  return file;
}

std::string started(visitor& v, const std::string& body, const header_list& who) {
  const auto made = v.client.post(exports, body, who);
  BOOST_TEST_REQUIRE(made.status == 202, made.body);
  BOOST_TEST(made.header("Location") == exports + "/" + text_at(made.json(), "/export_id"));
  return made.header("Location");
}

json::value imported(visitor& v, const std::string& file, const header_list& who) {
  const auto made =
      v.client.post("/admin/v1/imports?format=csv", file, with(who, "Content-Type", "text/csv"));
  BOOST_TEST_REQUIRE(made.status == 202, made.body);
  return ended_job(v, made.header("Location"), who);
}

/// A file of Stoa's CSV with long descriptions.
std::string large_products(int count) {
  std::string file = "type,handle,name,description,price,status\n";
  const std::string words(6000, 'w');
  for (int i = 0; i < count; ++i) {
    const auto n = std::to_string(i);
    file += "product,large-" + n + ",Large " + n + ',' + words + n + ",9.99,Active\n";
  }
  return file;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(export_job)

BOOST_AUTO_TEST_CASE(a_job_writes_the_file_that_the_pages_are) {
  storefront shop({.products = 120});
  visitor v(shop.port());
  const auto root = v.log_in("root");
  const auto edited = imported(
      v,
      "type,handle,name,price,on_hand,option1_name,option1_value,name.de,description.de,vendor\n"
      "product,csv-radio,=Radio,49.90,5,,,Rundfunk,,\"Müller, \"\"Co\"\"\"\n"
      "product,csv-shirt,Shirt,19,,,,,,\nvariant,csv-shirt,,,3,Size,M,,,\n",
      root);
  BOOST_TEST(text_at(edited, "/state") == "completed");
  BOOST_TEST(text_at(edited, "/format") == "csv");
  BOOST_TEST(number_at(edited, "/products/created") == 2);
  BOOST_TEST(number_at(edited, "/rows") == 3);
  for (const std::string format : {"csv", "jsonl", "shopify"}) {
    const auto path = started(v, R"({"format":")" + format + "\"}", root);
    const auto view = ended_job(v, path, root);
    BOOST_TEST(text_at(view, "/state") == "completed");
    const auto file = v.client.get(path + "/file", root);
    BOOST_TEST(file.status == 200);
    BOOST_TEST(number_at(view, "/bytes") == static_cast<std::int64_t>(file.body.size()));
    BOOST_TEST((file.body == all_pages(v, "/admin/v1/export?format=" + format, root)), format);
    BOOST_TEST(file.header("Content-Type") ==
               (format == "jsonl" ? "application/x-ndjson" : "text/csv; charset=utf-8"));
    BOOST_TEST(number_at(view, "/objects") >= 120);
    BOOST_TEST(has(view, "/expires_at"));
  }
  // The file that a merchant has not changed changes nothing; the apostrophe is not imported.
  const auto csv = all_pages(v, "/admin/v1/export?format=csv", root);
  BOOST_TEST(mentions(csv, ",'=Radio,"));
  const auto same = imported(v, csv, root);
  BOOST_TEST(number_at(same, "/products/unchanged") == 122);
  BOOST_TEST(number_at(same, "/rows_rejected") == 0);
  // Another store.
  storefront other({.products = 1});
  visitor w(other.port());
  const auto there = w.log_in("root");
  const auto moved = imported(w, csv, there);
  BOOST_TEST(number_at(moved, "/products/rejected") == 0);
  const auto done = number_at(moved, "/products/created") + number_at(moved, "/products/updated") +
                    number_at(moved, "/products/unchanged");
  BOOST_TEST(done == 122);
  // Filters.
  const auto none = started(v, R"({"format":"csv","status":"Archived"})", root);
  BOOST_TEST(number_at(ended_job(v, none, root), "/objects") == 0);
  const auto empty = v.client.get(none + "/file", root).body;
  BOOST_TEST(std::count(empty.begin(), empty.end(), '\n') == 1);
  const auto metrics = v.client.get("/metrics").body;
  BOOST_TEST(mentions(metrics, "stoa_exports_total{outcome=\"completed\"} 4"), metrics);
  BOOST_TEST(mentions(shop.log(), "\"export ended\""));
}

BOOST_AUTO_TEST_CASE(price_lists_are_in_the_file_of_json_lines) {
  storefront shop({.products = 20});
  visitor v(shop.port());
  const auto root = v.log_in("root");
  const auto list = [&](const std::string& more) {
    const auto made =
        v.client.post("/admin/v1/price-lists",
                      R"({"name":"L","currency":"EUR","kind":"sale")" + more + "}", root);
    BOOST_TEST_REQUIRE(made.status == 201, made.body);
    return made.header("Location");
  };
  const auto keyed = list(R"(,"key":"sale")");
  const auto unnamed = list("");
  const auto taken =
      v.client.post("/admin/v1/price-lists", R"({"name":"L","currency":"EUR","key":"sale"})", root);
  BOOST_TEST(taken.status == 409);
  BOOST_TEST(taken.code() == "price_list_key_taken");
  std::string prices;
  for (const auto& product : v.goods()) {
    if (!prices.empty()) prices += ',';
    prices += R"({"product_id":")" + product.id + R"(","price":{"amount":1,"currency":"EUR"}})";
  }
  for (const auto& path : {keyed, unnamed}) {
    const auto set = v.client.post(path + "/prices", R"({"set":[)" + prices + "]}", root);
    BOOST_TEST_REQUIRE(set.status == 200, set.body);
  }
  const auto file = all_pages(v, "/admin/v1/export?format=jsonl", root);
  const auto id = unnamed.substr(unnamed.rfind('/') + 1);
  BOOST_TEST(mentions(file, R"({"type":"price_list","name":"L",)"));
  BOOST_TEST(mentions(file, R"({"type":"price_list","price_list_id":")" + id));
  BOOST_TEST(mentions(file, R"({"type":"price","price_list":"sale","product":)"));
  const auto path = started(v, R"({"format":"jsonl"})", root);
  BOOST_TEST(text_at(ended_job(v, path, root), "/state") == "completed");
  BOOST_TEST((all_pages(v, path + "/file", root) == file));
  const auto import_into = [&](visitor& into, const header_list& who) {
    const auto made = into.client.post("/admin/v1/imports", file,
                                       with(who, "Content-Type", "application/x-ndjson"));
    BOOST_TEST_REQUIRE(made.status == 202, made.body);
    return ended_job(into, made.header("Location"), who);
  };
  const auto lines = std::count(file.begin(), file.end(), '\n');
  BOOST_TEST(number_at(import_into(v, root), "/products/unchanged") == lines);
  storefront other({.products = 1});
  visitor w(other.port());
  const auto there = w.log_in("root");
  const auto moved = import_into(w, there);
  BOOST_TEST(number_at(moved, "/products/rejected") == 0);
  // The customers of the other store see the prices, as soon as the node knows the new lists.
  BOOST_TEST(eventually([&] {
    const auto page = w.client.get("/store/v1/products?limit=5&sort=price").json();
    return number_at(page, "/data/0/price/amount") == 1;
  }));
  BOOST_TEST(size_at(w.client.get("/admin/v1/price-lists", there).json(), "/data") == 2U);
}

BOOST_AUTO_TEST_CASE(a_file_above_the_maximum_fails) {
  storefront shop({.products = 3, .settings = {{"STOA_CATALOG_EXPORT_BYTES_MAX", "1048576"}}});
  visitor v(shop.port());
  const auto root = v.log_in("root");
  BOOST_TEST(text_at(imported(v, large_products(300), root), "/state") == "completed");
  const auto path = started(v, R"({"format":"jsonl"})", root);
  const auto view = ended_job(v, path, root);
  BOOST_TEST(text_at(view, "/state") == "failed");
  BOOST_TEST(text_at(view, "/error") ==
             "The file would exceed 1048576 bytes (catalog.export_bytes_max).");
  BOOST_TEST(v.client.get(path + "/file", root).code() == "export_has_no_file");
  // A smaller one does not.
  const auto small = started(v, R"({"format":"jsonl","status":"Archived"})", root);
  BOOST_TEST(text_at(ended_job(v, small, root), "/state") == "completed");
}

BOOST_AUTO_TEST_CASE(problems_of_a_csv_name_line_and_column) {
  storefront shop({.products = 3});
  visitor v(shop.port());
  const auto root = v.log_in("root");
  const auto report = imported(v,
                               "handle,name,price,on_hand\na,A,1.00,1\nb,B,much,1\nc,,1.00,1\n"
                               "d,D,1.00,x\n",
                               root);
  BOOST_TEST(text_at(report, "/state") == "completed");
  BOOST_TEST(number_at(report, "/products/created") == 1);
  BOOST_TEST(number_at(report, "/products/rejected") == 3);
  BOOST_TEST(number_at(report, "/rows_rejected") == 3);
  std::vector<std::string> seen;
  for (const std::string i : {"0", "1", "2"}) {
    const auto at = "/problems/" + i;
    seen.push_back(std::to_string(number_at(report, at + "/line")) + ' ' +
                   text_at(report, at + "/column") + ' ' + text_at(report, at + "/code"));
  }
  std::sort(seen.begin(), seen.end());
  BOOST_TEST(
      (seen == std::vector<std::string>{"3 price format", "4 name required", "5 on_hand type"}));
  // Sorted by the merchant: nothing is imported.
  const auto sorted = imported(v,
                               "type,handle,name,price,option1_name,option1_value\n"
                               "product,e,E,1,,\nproduct,f,F,1,,\nvariant,e,,,Size,M\n",
                               root);
  BOOST_TEST(text_at(sorted, "/state") == "failed");
  BOOST_TEST(mentions(text_at(sorted, "/error"), "line 4"));
  BOOST_TEST(number_at(v.client.get("/admin/v1/products?handle=e&count=true", root).json(),
                       "/total") == 0);
  const auto header = v.client.post("/admin/v1/imports?format=csv", "handle;name\na;A\n",
                                    with(root, "Content-Type", "text/csv"));
  BOOST_TEST(header.status == 422);
  BOOST_TEST(header.code() == "import_file_unreadable");
  BOOST_TEST(mentions(header.body, "semicolons"));
}

BOOST_AUTO_TEST_CASE(repeats_limits_and_cancellation) {
  storefront shop({.products = 3});
  visitor v(shop.port());
  const auto root = v.log_in("root");
  const auto keyed = with(root, "Idempotency-Key", unique("export"));
  const auto path = started(v, R"({"format":"csv"})", keyed);
  BOOST_TEST(started(v, R"({"format":"csv"})", keyed) == path);
  BOOST_TEST(text_at(ended_job(v, path, root), "/state") == "completed");
  BOOST_TEST(v.client.post(path + "/cancel", "", root).code() == "export_finished");
  BOOST_TEST(v.client.post(exports, R"({"format":"xml"})", root).status == 422);
  BOOST_TEST(v.client.post(exports, R"({"status":"Draft"})", root).status == 400);
  BOOST_TEST(v.client.post(exports, R"({"format":"csv"})").status == 401);
  BOOST_TEST(v.client.post(exports, R"({"format":"csv"})", v.sign_up("carl")).status == 403);
  BOOST_TEST(v.client.get(path + "/file").status == 401);
  BOOST_TEST(v.client.get(exports + "/" + unique("no") + "/file", root).status == 404);
  std::vector<std::string> paths;
  http_answer last;
  for (int i = 0; i < 40 && (i == 0 || last.status == 202); ++i) {
    last = v.client.post(exports, R"({"format":"csv"})", root);
    if (last.status == 202) paths.push_back(last.header("Location"));
  }
  BOOST_TEST(last.code() == "export_queue_full");
  BOOST_TEST(v.client.get(paths.back() + "/file", root).code() == "export_has_no_file");
  for (auto p = paths.rbegin(); p != paths.rend(); ++p) {
    const auto cancelled = v.client.post(*p + "/cancel", "", root);
    BOOST_TEST((cancelled.status == 200 || cancelled.code() == "export_finished"), cancelled.body);
  }
  BOOST_TEST(text_at(ended_job(v, paths.back(), root), "/state") == "cancelled");
  const auto list = v.client.get(exports + "?limit=1&count=true", root).json();
  BOOST_TEST(number_at(list, "/total") == static_cast<std::int64_t>(paths.size()) + 1);
  BOOST_TEST(text_at(list, "/data/0/state") == "cancelled");
}

BOOST_AUTO_TEST_CASE(a_killed_server_resumes_the_export) {
  storefront shop({.products = 3});
  visitor v(shop.port());
  auto root = v.log_in("root");
  BOOST_TEST(text_at(imported(v, large_products(4000), root), "/state") == "completed");
  for (const std::string format : {"csv", "jsonl"}) {
    // Killed while it writes: with some parts, but not all.
    std::string path;
    bool was_running = false;
    for (int i = 0; i < 5 && !was_running; ++i) {
      path = started(v, R"({"format":")" + format + "\"}", root);
      for (bool ended = false; !was_running && !ended;) {
        const auto a = v.client.get(path, root);
        BOOST_TEST_REQUIRE(a.status == 200, a.body);
        const auto view = a.json();
        ended = text_at(view, "/state") == "completed";
        was_running = text_at(view, "/state") == "running" && number_at(view, "/bytes") > 0;
        // Not more requests than limits.staff_per_minute allows, however slow the export is.
        std::this_thread::sleep_for(std::chrono::milliseconds{6});
      }
    }
    BOOST_TEST_REQUIRE(was_running);
    shop.process().kill();
    shop.process().start();
    v.client.disconnect();
    root = v.log_in("root");
    const auto view = ended_job(v, path, root);
    BOOST_TEST(text_at(view, "/state") == "completed");
    const auto file = all_pages(v, path + "/file", root);
    BOOST_TEST(number_at(view, "/bytes") == static_cast<std::int64_t>(file.size()));
    BOOST_TEST((file == all_pages(v, "/admin/v1/export?format=" + format, root)), format);
  }
}

BOOST_AUTO_TEST_SUITE_END()
