#include "net/front/openapi_examples.hpp"

#include <algorithm>
#include <array>

namespace stoa::front {

namespace {

using json::value;

/// Deeper structures end with an empty list, because categories contain categories.
constexpr int depth_max = 6;

struct text_example {
  std::string_view name;
  std::string_view text;
};

/// Examples of text members, by name.
constexpr text_example texts[] = {
    {"access_token", "eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCJ9.e30.c2ln"},
    {"address_line1", "1 Main Street"},
    {"address_line2", "Flat 4"},
    {"alt_text", "The radio from the front"},
    {"city", "London"},
    {"code", "validation_failed"},
    {"company", "Analytical Engines Ltd"},
    {"country", "GB"},
    {"currency", "EUR"},
    {"current_password", "correct horse battery"},
    {"cursor", "AZOzonxeeqGwWi9MbY6QAA"},
    {"customer_name", "Ada Lovelace"},
    {"description", "A radio with a wooden case."},
    {"detail", "The request contains invalid values."},
    {"email", "ada@example.com"},
    {"event", "authorize_approved"},
    {"first_name", "Ada"},
    {"handle", "wooden-radio"},
    {"html", "<p>Thank you.</p>"},
    {"image_url", "https://example.com/radio.jpg"},
    {"last_name", "Lovelace"},
    {"locale", "en"},
    {"login", "ada"},
    {"message", "Thank you for your order."},
    {"name", "Wooden radio"},
    {"new_password", "staple battery horse"},
    {"next_cursor", "AZOzonxeeqGwWi9MbY6QAA"},
    {"node", "stoa-1"},
    {"note", "delivery"},
    {"order_number", "7F3A9-1C2BP"},
    {"password", "correct horse battery"},
    {"payload", "{}"},
    {"payment_method", "card"},
    {"phone", "+44 20 7946 0018"},
    {"phone_number", "+44 20 7946 0018"},
    {"postal_code", "N1 9GU"},
    {"q", "radio"},
    {"reason", "Requested by the customer."},
    {"recipient", "ada@example.com"},
    {"refresh_token", "rt_Zk3vQ8mN0aX5"},
    {"service", "order"},
    {"sku", "RADIO-1"},
    {"source", "order"},
    {"state", "Greater London"},
    {"status", "ready"},
    {"subject", "Your order"},
    {"template_name", "order_confirmed"},
    {"title", "Unprocessable Entity"},
    {"token", "tok_visa"},
    {"token_type", "Bearer"},
    {"transaction_id", "ch_3f0c2b0e"},
    {"username", "ada"},
    {"value", "Walnut"},
    {"version", "0.1.0"},
};

struct number_example {
  std::string_view name;
  std::int64_t number;
};
constexpr number_example numbers[] = {
    {"amount", 1299},   {"available", 12},  {"expires_in", 600}, {"inventory_count", 12},
    {"limit", 20},      {"on_hand", 12},    {"position", 1},     {"quantity", 1},
    {"min_price", 500}, {"max_price", 2000}};

const value* member(const value& v, std::string_view name) {
  return v.if_object() ? v.find(name) : nullptr;
}

std::string text_of(const value* v) {
  return v && v->if_string() ? *v->if_string() : std::string();
}

/// The type of the schema; if there are several, the first that is not null.
std::string type_of(const value& schema) {
  const auto* type = member(schema, "type");
  if (!type) return {};
  if (const auto* list = type->if_array()) {
    for (const auto& one : *list) {
      if (text_of(&one) != "null") return text_of(&one);
    }
  }
  return text_of(type);
}

std::int64_t number_of(const value* v, std::int64_t otherwise) {
  return v && v->if_int64() ? *v->if_int64() : otherwise;
}

value text_example_of(std::string_view name, const value& schema) {
  const auto form = text_of(member(schema, "format"));
  if (form == "uuid") return value(std::string("0194f3a2-7c1e-7d55-a1b0-5a2f4c6d8e90"));
  if (form == "date-time") return value(std::string("2026-03-14T09:26:53.000000Z"));
  if (form == "uri") return value(std::string("https://example.com/radio.jpg"));
  std::string text = form == "email" ? "ada@example.com" : "text";
  for (const auto& known : texts) {
    if (known.name == name) text = known.text;
  }
  const auto most = number_of(member(schema, "maxLength"), 1000);
  if (text.size() > static_cast<std::size_t>(most)) text.resize(static_cast<std::size_t>(most));
  return value(std::move(text));
}

value number_example_of(std::string_view name, const value& schema) {
  std::int64_t number = 1;
  for (const auto& known : numbers) {
    if (known.name == name) number = known.number;
  }
  number = std::max(number, number_of(member(schema, "minimum"), number));
  number = std::min(number, number_of(member(schema, "maximum"), number));
  return value(number);
}

class maker {
 public:
  maker(const value& schemas, bool required_only)
      : schemas_(schemas), required_only_(required_only) {}

  value make(std::string_view name, const value& schema, int depth) const {
    if (const auto* own = member(schema, "examples"); own && own->if_array()) {
      return own->if_array()->front();
    }
    if (const auto* fixed = member(schema, "const")) return *fixed;
    if (const auto* reference = member(schema, "$ref")) return make(name, found(*reference), depth);
    for (const auto* keyword : {"anyOf", "oneOf", "allOf"}) {
      if (const auto* list = member(schema, keyword)) {
        return make(name, list->if_array()->front(), depth);
      }
    }
    if (const auto* list = member(schema, "enum")) return list->if_array()->front();
    const auto type = type_of(schema);
    if (type == "string") return text_example_of(name, schema);
    if (type == "integer") return number_example_of(name, schema);
    if (type == "number") return value(0.5);
    if (type == "boolean") return value(true);
    if (type == "array") return list_of(name, schema, depth);
    return object_of(schema, depth);
  }

 private:
  const value& found(const value& reference) const {
    const auto text = text_of(&reference);
    const auto* schema = schemas_.find(text.substr(text.rfind('/') + 1));
    return schema ? *schema : schemas_;
  }

  value list_of(std::string_view name, const value& schema, int depth) const {
    json::array list;
    const auto* items = member(schema, "items");
    if (items && depth < depth_max) list.push_back(make(name, *items, depth + 1));
    return value(std::move(list));
  }

  value object_of(const value& schema, int depth) const {
    json::object members;
    const auto* properties = member(schema, "properties");
    if (!properties || !properties->if_object()) return value(std::move(members));
    for (const auto& p : *properties->if_object()) {
      if (!is_shown(schema, p.name, depth)) continue;
      members.push_back({p.name, make(p.name, p.value, depth + 1)});
    }
    if (members.empty() && depth == 0 && !properties->if_object()->empty()) {
      const auto& first = properties->if_object()->front();
      members.push_back({first.name, make(first.name, first.value, depth + 1)});
    }
    return value(std::move(members));
  }

  bool is_shown(const value& schema, std::string_view name, int depth) const {
    if (is_required(schema, name)) return true;
    if (!required_only_) return depth < depth_max;
    // Optional in the schema, but usually present.
    return name == "name" || name == "price" || name == "postal_code";
  }

  static bool is_required(const value& schema, std::string_view name) {
    const auto* required = member(schema, "required");
    if (!required || !required->if_array()) return false;
    return std::ranges::any_of(*required->if_array(),
                               [&](const value& v) { return text_of(&v) == name; });
  }

  const value& schemas_;
  bool required_only_;
};

}  // namespace

json::value example_of(const json::value& schema, const json::value& schemas, bool required_only) {
  return maker(schemas, required_only).make({}, schema, 0);
}

json::value example_of(std::string_view name, const json::value& schema,
                       const json::value& schemas) {
  return maker(schemas, false).make(name, schema, 0);
}

}  // namespace stoa::front
