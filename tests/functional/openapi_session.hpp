#pragma once
// A session through all operations of the API. Each answer must conform to /openapi.json.

#include "tests/support/api_document.hpp"
#include "tests/support/storefront.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <string_view>

namespace stoa::test {

/// An id that does not exist.
inline const std::string unknown_id = "01a20519-ac67-76ac-b55c-bb28ae4211e7";

/// A URL that answers no requests.
inline const std::string closed_port = "http://127.0.0.1:9/hooks";

struct session : visitor {
  session()
      : visitor(one().port()), document(client.get("/openapi.json").body), root(log_in("root")) {}

  /// The store of all sessions: no service that it calls answers, and staff receive bank transfers.
  static storefront& one();

  /// Calls and validates the answer. A successful request must conform, too.
  http_answer call(std::string_view method, const std::string& target, const std::string& body = {},
                   const header_list& headers = {}) {
    auto a = client.request(method, target, body, headers);
    const auto wrong = document.complaint(method, target, a);
    BOOST_TEST(wrong == "");
    if (method != "GET") check_tag(method, target, a, headers);
    if (a.status < 300 && body.starts_with('{')) {
      BOOST_TEST(document.request_complaint(method, target, body) == "", method << " " << target);
    }
    return a;
  }
  /// A resource returned by an operation must have the ETag that GET returns now.
  void check_tag(std::string_view method, const std::string& target, const http_answer& a,
                 const header_list& headers);
  /// The same, with the expected status.
  http_answer call(int status, std::string_view method, const std::string& target,
                   const std::string& body = {}, const header_list& headers = {}) {
    auto a = call(method, target, body, headers);
    BOOST_TEST(a.status == status, method << " " << target << ": " << a.status << " " << a.body);
    return a;
  }
  static std::string id(const http_answer& a, const std::string& name) {
    return text_at(a.json(), "/" + name);
  }

  /// A new order that is paid by bank transfer: the path of its payment for staff, and its total.
  std::pair<std::string, std::string> transfer();

  api_document document;
  header_list root;

  void accounts();
  void categories_and_products();
  void images_and_stock();
  void collections();
  void product_types();
  void locations();
  void translations();
  void imports_and_export();
  void export_jobs();
  void carts();
  void promotions();
  void taxes_and_shipping();
  void price_lists();
  void gift_cards();
  void orders();
  void saved_methods(const std::string& product, const header_list& buyer);
  void staff_reads();
  void payments();
  void offline_payments();
  void reconciliation();
  void webhooks();
  void webhook_deliveries(const std::string& endpoint);
  void push_subscriptions();
  void text_messages();
  void templates_and_preferences();
  void announcements();
  void operations_and_refusals();
};

}  // namespace stoa::test
