// The program's description of itself against what it does.

#include "storage/base/json_write.hpp"
#include "tests/functional/openapi_session.hpp"

#include <boost/test/unit_test.hpp>

#include <fstream>
#include <regex>

using namespace stoa;
using namespace stoa::test;

namespace {

/// The operation of the document. The path is no JSON pointer: it has slashes of its own.
const json::value& operation_at(const json::value& document, std::string_view method,
                                std::string_view path) {
  const auto* item = at(document, "/paths").find(path);
  const auto* operation = item ? item->find(method) : nullptr;
  if (!operation) throw std::runtime_error("no operation at " + std::string(path));
  return *operation;
}

/// The example of the operation's JSON body.
std::string example_in(const json::value& operation) {
  const auto* media = at(operation, "/requestBody/content").find("application/json");
  if (!media) throw std::runtime_error("no body of JSON");
  return json::write(at(*media, "/example"));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(openapi)

BOOST_AUTO_TEST_CASE(the_judge_can_say_no) {
  session s;
  auto good = s.client.get("/livez");
  BOOST_TEST(s.document.complaint("GET", "/livez", good) == "");
  const auto judged = [&](const std::string& body) {
    auto a = good;
    a.body = body;
    return s.document.complaint("GET", "/livez", a);
  };
  BOOST_TEST(judged(R"({"status":"live"})") != "");
  BOOST_TEST(judged(R"({"status":"live","version":1})") != "");
  BOOST_TEST(judged(R"({"status":"live","version":"1","more":1})") != "");
  BOOST_TEST(judged("live") != "");
  auto odd = good;
  odd.status = 418;
  BOOST_TEST(s.document.complaint("GET", "/livez", odd) != "");
  BOOST_TEST(s.document.complaint("GET", "/nowhere", good) != "");
  auto cart = s.client.post("/store/v1/carts", "");
  BOOST_TEST(s.document.complaint("POST", "/store/v1/carts", cart) == "");
  cart.body.replace(cart.body.find("\"cart_id\":\"") + 11, 8, "notahex!");
  BOOST_TEST(s.document.complaint("POST", "/store/v1/carts", cart) != "");
}

BOOST_AUTO_TEST_CASE(every_answer_is_as_described) {
  session s;
  s.accounts();
  s.categories_and_products();
  s.images_and_stock();
  s.imports_and_export();
  s.carts();
  s.orders();
  s.staff_reads();
  s.operations_and_refusals();
  for (const auto& id : s.document.operations()) {
    if (id == "replay_dead_letter") continue;  // There is no dead letter to be had from outside.
    if (id == "verify_email") continue;        // By verification_test, where mails are sent for it.
    BOOST_TEST(s.document.succeeded().contains(id), id << " was not called with success");
  }
}

BOOST_AUTO_TEST_CASE(the_document_names_what_generators_and_people_need) {
  session s;
  const auto document = s.client.get("/openapi.json").json();
  BOOST_TEST(text_at(document, "/servers/0/url") == "/");
  BOOST_TEST(!text_at(document, "/info/contact/name").empty());
  BOOST_TEST(text_at(document, "/info/license/identifier") == "Apache-2.0");
  std::set<std::string> tags;
  for (const auto& t : *at(document, "/tags").if_array()) {
    BOOST_TEST(!text_at(t, "/description").empty());
    tags.insert(text_at(t, "/name"));
  }
  for (const auto& path : *at(document, "/paths").if_object()) {
    for (const auto& [method, operation] : *path.value.if_object()) {
      BOOST_TEST(tags.contains(text_at(operation, "/tags/0")), path.name << " has a new tag");
      BOOST_TEST(!text_at(operation, "/description").empty());
    }
  }
  const auto products = at(operation_at(document, "get", "/store/v1/products"), "/parameters");
  const auto parameter = [](const json::value& list, std::string_view name) {
    for (const auto& p : *list.if_array()) {
      const auto* found = p.find("name");
      if (found && *found->if_string() == name) return p;
    }
    return json::value();
  };
  BOOST_TEST(json::write(at(parameter(products, "limit"), "/schema")) ==
             R"({"type":"integer","format":"int64","minimum":1,"maximum":100,"default":20})");
  BOOST_TEST(json::write(at(parameter(products, "sort"), "/schema")).find("\"-price\"") !=
             std::string::npos);
  BOOST_TEST(json::write(at(parameter(products, "min_price"), "/schema")).find("\"minimum\":0") !=
             std::string::npos);
  BOOST_TEST(!text_at(parameter(products, "q"), "/description").empty());
  const auto answer =
      json::write(at(operation_at(document, "post", "/store/v1/carts"), "/responses/201"));
  for (const auto* field : {"Location", "ETag", "Idempotent-Replayed", "X-Request-Id"}) {
    BOOST_TEST(answer.find("#/components/headers/" + std::string(field)) != std::string::npos);
  }
  // Answers are open, requests are not.
  BOOST_TEST(!at(document, "/components/schemas/order").find("additionalProperties"));
  BOOST_TEST(at(document, "/components/schemas/new_user").find("additionalProperties"));
}

BOOST_AUTO_TEST_CASE(the_examples_of_requests_are_accepted) {
  session s;
  const auto document = s.client.get("/openapi.json").json();
  const auto example = [&](std::string_view method, std::string_view path) {
    return example_in(operation_at(document, method, path));
  };
  // All of them fit their schemas.
  for (const auto& item : *at(document, "/paths").if_object()) {
    for (const auto& [method, operation] : *item.value.if_object()) {
      const auto* body = operation.find("requestBody");
      if (!body || !body->find("content")->find("application/json")) continue;
      std::string upper = method;
      for (char& c : upper) c = static_cast<char>(c & ~0x20);
      const auto target = std::regex_replace(item.name, std::regex("[{][^}]*[}]"), nobodys_id);
      BOOST_TEST(s.document.request_complaint(upper, target, example_in(operation)) == "",
                 upper << " " << item.name);
    }
  }
  // Those that depend on nothing else are done.
  for (const auto* path :
       {"/store/v1/users", "/store/v1/auth/login", "/admin/v1/categories", "/admin/v1/products"}) {
    const auto a =
        s.client.request("POST", path, example("post", path),
                         std::string_view(path).starts_with("/admin") ? s.root : header_list{});
    BOOST_TEST(a.status / 100 == 2, path << ": " << a.status << " " << a.body);
  }
  const auto me =
      bearer(s.id(s.client.post("/store/v1/auth/login", example("post", "/store/v1/auth/login")),
                  "access_token"));
  for (const auto* path : {"/store/v1/users/me/addresses"}) {
    const auto a = s.client.request("POST", path, example("post", path), me);
    BOOST_TEST(a.status == 201, path << ": " << a.body);
  }
  const auto* checkout = "/store/v1/carts/{cart_id}/checkout";
  const auto bought = s.client.request("POST", s.cart_with(s.goods().front().id, 1) + "/checkout",
                                       example("post", checkout),
                                       {{"Idempotency-Key", "example"}, {"Prefer", "wait=20"}});
  BOOST_TEST(bought.status == 201, bought.body);
}

BOOST_AUTO_TEST_CASE(spectral_and_redocly_accept_the_document) {
  const auto folder = std::filesystem::current_path() / "judges-openapi";
  std::filesystem::create_directories(folder);
  if (!std::filesystem::exists(folder / "ready")) {
    const auto installed = run_program(
        "/usr/bin/env",
        {"npm", "install", "--prefix", folder.string(), "--ignore-scripts", "--no-audit",
         "--no-fund", "--fetch-retries=1", "@stoplight/spectral-cli@6", "@redocly/cli@2"},
        {}, std::chrono::minutes{3});
    if (installed.exit_code != 0) {
      BOOST_TEST_MESSAGE("left out: spectral and redocly cannot be installed here");
      return;
    }
    std::ofstream(folder / "ready") << "yes\n";
  }
  const temp_dir dir;
  const auto file = dir / "openapi.json";
  session s;
  std::ofstream(file) << s.client.get("/openapi.json").body;
  std::ofstream(dir / "spectral.yaml") << "extends: [[spectral:oas, recommended]]\n";
  const auto programs = folder / "node_modules" / ".bin";
  const auto spectral = run_program(programs / "spectral",
                                    {"lint", "--fail-severity=hint", "--ruleset",
                                     (dir / "spectral.yaml").string(), file.string()},
                                    {}, std::chrono::minutes{3});
  BOOST_TEST(spectral.exit_code == 0, spectral.output.substr(0, 4000));
  const auto redocly = run_program("/usr/bin/env",
                                   {"REDOCLY_TELEMETRY=off", "REDOCLY_SUPPRESS_UPDATE_NOTICE=true",
                                    (programs / "redocly").string(), "lint",
                                    "--extends=recommended", "--max-problems=20", file.string()},
                                   {}, std::chrono::minutes{3});
  BOOST_TEST(redocly.exit_code == 0, redocly.output.substr(0, 4000));
  // Not the program's warning of its own run-time.
  BOOST_TEST(!std::regex_search(redocly.output, std::regex("[0-9] warning")),
             redocly.output.substr(0, 4000));
}

BOOST_AUTO_TEST_CASE(another_judge_accepts_the_document) {
  const auto folder = std::filesystem::current_path() / "judges";
  const auto python = folder / "bin" / "python";
  const auto marker = folder / "openapi-spec-validator.ready";
  if (!std::filesystem::exists(marker)) {
    run_program("/usr/bin/python3", {"-m", "venv", folder.string()});
    const auto installed = run_program(python,
                                       {"-m", "pip", "install", "--quiet", "--retries", "1",
                                        "--timeout", "10", "openapi-spec-validator"},
                                       {}, std::chrono::minutes{3});
    if (installed.exit_code != 0) {
      BOOST_TEST_MESSAGE("left out: openapi-spec-validator cannot be installed here");
      return;
    }
    std::ofstream(marker) << "yes\n";
  }
  const temp_dir dir;
  const auto file = dir / "openapi.json";
  session s;
  std::ofstream(file) << s.client.get("/openapi.json").body;
  const auto judged = run_program(python, {"-c",
                                           "import json, sys\n"
                                           "from openapi_spec_validator import validate\n"
                                           "validate(json.load(open(sys.argv[1])))\n"
                                           "print('accepted')",
                                           file.string()});
  BOOST_TEST(judged.exit_code == 0, judged.output);
  BOOST_TEST(judged.output.find("accepted") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
