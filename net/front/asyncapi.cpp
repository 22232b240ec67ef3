#include "net/front/asyncapi.hpp"

#include "net/front/openapi_examples.hpp"
#include "net/front/openapi_operation.hpp"
#include "net/front/openapi_texts.hpp"
#include "net/nats/cloud_event.hpp"
#include "net/nats/event_types.hpp"
#include "net/nats/names.hpp"
#include "storage/base/json_write.hpp"

#include <algorithm>

namespace stoa::front {

namespace {

using members = std::vector<std::pair<std::string, std::string>>;

std::string in_quotes(std::string_view text) {
  return json::write(text);
}

/// A JSON object; the values are JSON text.
std::string object(const members& list) {
  std::string text = "{";
  for (const auto& [name, value] : list) {
    text.append(text.size() > 1 ? "," : "").append(in_quotes(name)).append(":").append(value);
  }
  return text + "}";
}

std::string reference(std::string_view path) {
  return object({{"$ref", in_quotes(path)}});
}

std::string text_schema(std::string_view description, std::string_view format = {}) {
  members words{{"type", in_quotes("string")}};
  if (!format.empty()) words.emplace_back("format", in_quotes(format));
  words.emplace_back("description", in_quotes(description));
  return object(words);
}

std::string fixed(std::string_view value) {
  return object({{"type", in_quotes("string")}, {"const", in_quotes(value)}});
}

std::string digits_schema(std::string_view description) {
  return object({{"type", in_quotes("string")},
                 {"pattern", in_quotes("^[0-9]+$")},
                 {"description", in_quotes(description)}});
}

/// NATS headers are text, whatever their content.
std::string headers_of(std::string_view stream, const nats::event_type& e) {
  namespace header = nats::header;
  const members properties{
      {header::message_id,
       text_schema("The id of the event. The broker discards duplicates.", "uuid")},
      {header::content_type, fixed("application/json")},
      {header::spec_version, fixed("1.0")},
      {header::id, text_schema("The id of the event. It may be delivered more than once.", "uuid")},
      {header::source, fixed(nats::source_uri(stream, e.source))},
      {header::type, fixed(e.type)},
      {header::time, text_schema("Time of the event.", "date-time")},
      {header::subject, text_schema("The id of the resource that changed. Events of one subject "
                                    "from the same service keep their order.",
                                    "uuid")},
      {header::traceparent,
       text_schema("The trace of the request that caused it (W3C Trace Context).")},
      {header::partition, digits_schema("The service's partition that published the event.")},
      {header::seq, digits_schema("Sequence number within the partition; may have gaps.")},
      {header::low_water,
       digits_schema("All subscribing services have applied the events before this number.")},
      {header::sent, text_schema("Time of this delivery.", "date-time")},
      {header::signature,
       text_schema("For the store's services only, which have the key: kid=<key>,v1=<MAC>.")},
      {header::outbox,
       text_schema(
           "The history of the publisher's database that the event belongs to, as JSON; for "
           "the store's services only.")},
      {header::outbox_signature, text_schema("The signature of stoa-outbox and stoa-signature.")}};
  std::vector<std::string> required;
  required.reserve(properties.size());
  for (const auto& [name, schema] : properties) {
    const bool optional =
        name == header::traceparent || name == header::outbox || name == header::outbox_signature;
    if (!optional) required.push_back(name);
  }
  return object({{"type", in_quotes("object")},
                 {"properties", object(properties)},
                 {"required", json::write(required)}});
}

/// "order.placed" as a name for references.
std::string key_of(const nats::event_type& e) {
  std::string key(e.type);
  std::replace(key.begin(), key.end(), '.', '_');
  return key;
}

std::string message_of(std::string_view stream, const nats::event_type& e,
                       json::schema_set& schemas) {
  const auto payload = e.schema(schemas);
  const auto known = openapi::parsed(schemas.components());
  const auto example = example_of(openapi::parsed(payload), known, false);
  return object({{"name", in_quotes(e.type)},
                 {"title", in_quotes(e.type)},
                 {"summary", in_quotes(e.summary)},
                 {"contentType", in_quotes("application/json")},
                 {"tags", "[" + object({{"name", in_quotes(e.source)}}) + "]"},
                 {"headers", headers_of(stream, e)},
                 {"payload", payload},
                 {"examples", "[" + object({{"payload", json::write(example)}}) + "]"}});
}

std::string channel_of(std::string_view stream, const nats::event_type& e) {
  const auto key = key_of(e);
  return object({{"address", in_quotes(nats::subject_of(stream, e.source, e.type))},
                 {"title", in_quotes(e.type)},
                 {"description", in_quotes(e.summary)},
                 {"messages", object({{key, reference("#/components/messages/" + key)}})}});
}

std::string operation_of(const nats::event_type& e) {
  const auto channel = "#/channels/" + key_of(e);
  return object({{"action", in_quotes("send")},
                 {"channel", reference(channel)},
                 {"summary", in_quotes(e.summary)},
                 {"messages", "[" + reference(channel + "/messages/" + key_of(e)) + "]"}});
}

/// The document is public; the broker's address is not.
std::string servers() {
  const auto host = object({{"description", in_quotes("The message broker of the store.")},
                            {"default", in_quotes("localhost:4222")}});
  return object({{"broker", object({{"host", in_quotes("{host}")},
                                    {"protocol", in_quotes("nats")},
                                    {"variables", object({{"host", host}})}})}});
}

std::string info() {
  return object(
      {{"title", in_quotes("Stoa events")},
       {"version", in_quotes(STOA_VERSION)},
       {"description",
        in_quotes(
            "The events of the services: CloudEvents 1.0 in the binary mode of NATS, retained for "
            "a limited time in one JetStream stream. They are published when the setting "
            "events.bus is nats. Delivery is at least once; deduplicate by ce-id. A "
            "published type never changes; an incompatible change is a new type. The signatures "
            "are MACs that "
            "third parties cannot verify: restrict publishing at the broker, and use TLS. No event "
            "contains payment details.")},
       {"license", object({{"name", in_quotes("Apache-2.0")}})}});
}

}  // namespace

std::string make_asyncapi(std::string_view stream) {
  json::schema_set schemas;
  members channels;
  members operations;
  members messages;
  for (const auto& e : nats::event_types()) {
    const auto key = key_of(e);
    channels.emplace_back(key, channel_of(stream, e));
    operations.emplace_back("send_" + key, operation_of(e));
    messages.emplace_back(key, message_of(stream, e, schemas));
  }
  auto described = openapi::parsed(schemas.components());
  openapi::describe_members(described);
  const auto components =
      object({{"messages", object(messages)}, {"schemas", json::write(described)}});
  return object({{"asyncapi", in_quotes("3.0.0")},
                 {"info", info()},
                 {"defaultContentType", in_quotes("application/json")},
                 {"servers", servers()},
                 {"channels", object(channels)},
                 {"operations", object(operations)},
                 {"components", components}});
}

}  // namespace stoa::front
