#include "net/front/openapi_webhooks.hpp"

#include "actors/notification/webhook_payloads.hpp"
#include "net/front/openapi_examples.hpp"
#include "net/front/openapi_operation.hpp"

#include <algorithm>

namespace stoa::front::openapi {

namespace {

using namespace stoa::notification;

/// docs/webhooks.md describes them.
constexpr std::string_view parameters = R"([
  {"name": "webhook-id", "in": "header", "required": true, "schema": {"type": "string"},
   "description": "The id of the event, the same for all attempts and replays.",
   "example": "0194f3a2-7c1e-7d55-a1b0-5a2f4c6d8e90"},
  {"name": "webhook-timestamp", "in": "header", "required": true, "schema": {"type": "string"},
   "description": "The time of the attempt, in seconds since 1970.",
   "example": "1773480413"},
  {"name": "webhook-signature", "in": "header", "required": true, "schema": {"type": "string"},
   "description": "Signatures, separated by spaces: `v1,` and an HMAC-SHA-256 in base64.",
   "example": "v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4="}])";

json::value request_of(std::string_view type, const std::string& data) {
  return parsed(R"({"required":true,"content":{"application/json":{"schema":{"type":"object",)"
                R"("required":["type","timestamp","data"],"properties":{)"
                R"("type":{"const":")" +
                std::string(type) +
                R"(","description":"The type of the event."},)"
                R"("timestamp":{"type":"string","format":"date-time",)"
                R"("description":"When the event occurred."},"data":)" +
                data + "}}}}}");
}

template <class Data>
void add_item(json::value& items, std::string_view type, std::string_view summary,
              json::schema_set& schemas) {
  std::string id = "receive_" + std::string(type);
  std::replace(id.begin(), id.end(), '.', '_');
  add(items, type,
      object({{"post",
               object({{"operationId", text(id)},
                       {"summary", text(summary)},
                       {"security", parsed("[{}]")},
                       {"parameters", parsed(std::string(parameters))},
                       {"requestBody", request_of(type, schemas.ref<Data>())},
                       {"responses", parsed(R"({"2XX":{"description":"Received."},)"
                                            R"("410":{"description":"Disable the endpoint."},)"
                                            R"("default":{"description":"Retry later."}})")}})}}));
}

}  // namespace

json::value webhook_items(json::schema_set& schemas) {
  auto items = object({});
  boost::mp11::mp_for_each<boost::mp11::mp_transform<boost::mp11::mp_identity, webhook_events>>(
      [&](auto of) {
        using event = typename decltype(of)::type;
        using data = decltype(webhook_data_of(std::declval<const event&>()));
        add_item<data>(items, event::name, event::summary, schemas);
      });
  add_item<webhook_test_data>(items, webhook_test_type, "A test that staff has sent.", schemas);
  return items;
}

void add_webhook_examples(json::value& items, const json::value& schemas) {
  for (auto& [type, item] : members(items)) {
    auto* content = find(*find(*find(item, "post"), "requestBody"), "content");
    auto* media = find(*content, "application/json");
    add(*media, "example", example_of(*find(*media, "schema"), schemas, false));
  }
}

}  // namespace stoa::front::openapi
