// The examples of /docs in curl, JavaScript and Python, executed against a server.

#include "tests/support/skip.hpp"
#include "tests/support/storefront.hpp"
#include "tests/support/temp_dir.hpp"

#include <boost/test/unit_test.hpp>

using namespace stoa;
using namespace stoa::test;

namespace {

bool installed(const std::string& program) {
  return std::filesystem::exists("/usr/bin/" + program);
}

/// What an example for the operation prints.
struct wanted {
  std::string_view operation;
  std::string_view status_line;  ///< of curl, which prints the header fields too
  std::string_view part;         ///< of the output in every language
};

/// In the order of examples_check.mjs.
constexpr wanted all_wanted[] = {
    {"list_products", "HTTP/1.1 200", "next_cursor"},
    {"register", "HTTP/1.1 201", "Arcy"},
    {"create_cart", "HTTP/1.1 201", "cart_id"},
    {"delete_cart", "HTTP/1.1 204", "204"},
    {"admin_export_products", "HTTP/1.1 200", "Handle,Title,"},
    {"admin_create_import", "HTTP/1.1 202", "import_id"},
    {"admin_create_import", "HTTP/1.1 202", "import_id"},
    {"metrics", "HTTP/1.1 200", "stoa_build_info"},
    {"get_product", "HTTP/1.1 404", "404"},
};

}  // namespace

BOOST_AUTO_TEST_SUITE(examples)

BOOST_AUTO_TEST_CASE(each_language_runs_them) {
  if (!installed("node") || !installed("curl")) return skip("node or curl is not installed");
  storefront shop;
  visitor root(shop.port());
  const auto token = root.log_in("root").front().second.substr(std::string("Bearer ").size());
  std::string carts;
  for (int i = 0; i < 3; ++i) {
    const auto path = root.new_cart();
    carts += path.substr(path.rfind('/') + 1) + ",";
  }
  const temp_dir dir;
  const std::string python = installed("python3") ? "/usr/bin/python3" : "";
  const auto ran =
      run_program("/usr/bin/node",
                  {std::string(STOA_SOURCE_DIR) + "/tests/functional/examples_check.mjs",
                   "http://127.0.0.1:" + std::to_string(shop.port()), dir.path().string(), token,
                   carts, python},
                  {}, std::chrono::minutes{3});
  const auto begin = ran.output.find("{\"runs\"");
  BOOST_REQUIRE_MESSAGE(begin != std::string::npos, ran.output);
  const auto report = json::parse(std::string_view(ran.output).substr(begin));
  BOOST_REQUIRE_MESSAGE(report.has_value(), ran.output);
  BOOST_TEST(number_at(*report, "/operations") > 70);
  for (const auto& b : *at(*report, "/broken").if_array()) BOOST_ERROR(*b.if_string());
  const auto& runs = *at(*report, "/runs").if_array();
  BOOST_REQUIRE(runs.size() == std::size(all_wanted) * (python.empty() ? 2 : 3));
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const auto& want = all_wanted[i % std::size(all_wanted)];
    const auto language = text_at(runs[i], "/language");
    const auto output = text_at(runs[i], "/output");
    const auto shown = language + ":\n" + text_at(runs[i], "/code") + "\n--\n" + output;
    BOOST_TEST(text_at(runs[i], "/operation") == want.operation);
    BOOST_TEST(output.find(want.part) != std::string::npos, shown);
    if (language == "curl") BOOST_TEST(output.starts_with(want.status_line), shown);
    // JavaScript and Python exit with an error; curl only for its own errors.
    const bool fails = want.operation == "get_product" && language != "curl";
    BOOST_TEST((number_at(runs[i], "/status") == 0) == !fails, shown);
  }
}

BOOST_AUTO_TEST_SUITE_END()
