#include "actors/notification/webhook_notice.hpp"

#include "storage/base/describe.hpp"

namespace stoa::notification {

rendered_mail render_disabled(const webhook_endpoint_row& endpoint, const std::string& store_name) {
  const auto url = endpoint.url.substr(0, endpoint.url.find('?'));
  const std::string cause = endpoint.disabled_reason == webhook_disabled_reason::gone
                                ? "It answered 410 (Gone)."
                                : "All attempts since " +
                                      endpoint.failing_since.value_or(timestamp{}).str() +
                                      " have failed.";
  return {"A webhook of " + one_line(store_name) + " was disabled",
          "The webhook endpoint " + url + " was disabled. " + cause +
              "\n\nIts events are kept. Events of the last 3 days are sent when you enable it, and "
              "later ones can be replayed:\n\n  POST /admin/v1/webhooks/" +
              endpoint.webhook_id.str() + "/enable\n  POST /admin/v1/webhooks/" +
              endpoint.webhook_id.str() + "/replay\n",
          ""};
}

}  // namespace stoa::notification
