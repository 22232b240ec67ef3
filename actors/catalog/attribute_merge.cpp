#include "actors/catalog/attribute_merge.hpp"

#include "actors/catalog/import_messages.hpp"
#include "storage/base/json_value.hpp"
#include "storage/base/json_write.hpp"

#include <algorithm>

namespace stoa::catalog {

namespace {

constexpr std::size_t keywords_bytes_max = 8 * 1024;
constexpr std::string_view vendor_member = "vendor";
constexpr std::string_view tags_member = "tags";

json::value object_with(std::string_view name, json::value v) {
  json::object made;
  made.push_back({std::string(name), std::move(v)});
  return json::value(std::move(made));
}

json::value patched(const json::value& stored, const json::value& patch) {
  const json::object* changes = patch.if_object();
  if (!changes) return patch;
  json::object made = stored.if_object() ? *stored.if_object() : json::object{};
  for (const json::member& change : *changes) {
    auto at = std::find_if(made.begin(), made.end(),
                           [&](const json::member& m) { return m.name == change.name; });
    json::value next = change.value.is_null()
                           ? json::value()
                           : patched(at == made.end() ? json::value() : at->value, change.value);
    const bool given_empty = change.value.if_object() && change.value.if_object()->empty();
    const bool removed =
        next.is_null() || (!given_empty && next.if_object() && next.if_object()->empty());
    if (removed && at != made.end()) {
      made.erase(at);
    } else if (!removed && at != made.end()) {
      at->value = std::move(next);
    } else if (!removed) {
      made.push_back({change.name, std::move(next)});
    }
  }
  return json::value(std::move(made));
}

std::string merged(const std::string& stored, const json::value& patch) {
  const json::value before = object_of(stored);
  std::string made = json::write(patched(before, patch));
  return made == json::write(before) ? stored : made;
}

json::object members_without_columns(const json::object& all) {
  json::object made;
  for (const json::member& m : all) {
    if (m.name == columns_member) continue;
    const auto* own = m.name == own_variant_member ? m.value.if_object() : nullptr;
    made.push_back({m.name, own ? json::value(members_without_columns(*own)) : m.value});
  }
  return made;
}

json::object members_without_nulls(const json::object& all) {
  json::object made;
  for (const json::member& m : all) {
    if (m.value.is_null()) continue;
    const auto* inner = m.value.if_object();
    made.push_back({m.name, inner ? json::value(members_without_nulls(*inner)) : m.value});
  }
  return made;
}

}  // namespace

json::value object_of(const std::string& attributes) {
  auto parsed = json::parse(attributes);
  return parsed && parsed->if_object() ? std::move(*parsed) : json::value(json::object{});
}

std::string merged_attributes(const std::string& stored, const std::string& patch) {
  return patch == "{}" ? stored : merged(stored, object_of(patch));
}

std::string without_columns(const std::string& patch) {
  return json::write(json::value(members_without_columns(*object_of(patch).if_object())));
}

std::string without_nulls(const std::string& attributes) {
  if (attributes.find("null") == std::string::npos) return attributes;
  return json::write(json::value(members_without_nulls(*object_of(attributes).if_object())));
}

product_labels labels_of(const std::string& attributes) {
  product_labels labels;
  const json::value all = object_of(attributes);
  const json::value* given = all.find(vendor_member);
  if (const std::string* text = given ? given->if_string() : nullptr) labels.vendor = *text;
  if (const json::value* tags = all.find(tags_member); tags && tags->if_array()) {
    for (const json::value& tag : *tags->if_array()) {
      const std::string* text = tag.if_string();
      if (text && !text->empty()) labels.tags.push_back(*text);
    }
  }
  return labels;
}

std::string with_labels(const std::string& attributes, const std::optional<std::string>& vendor,
                        const std::optional<std::vector<std::string>>& tags) {
  json::object patch;
  if (vendor) {
    patch.push_back({std::string(vendor_member),
                     vendor->empty() ? json::value() : json::value(std::string(*vendor))});
  }
  if (tags) {
    json::array list;
    for (const auto& tag : *tags) list.emplace_back(std::string(tag));
    patch.push_back(
        {std::string(tags_member), list.empty() ? json::value() : json::value(std::move(list))});
  }
  if (patch.empty()) return attributes;
  return merged_attributes(attributes, json::write(json::value(std::move(patch))));
}

std::string keywords_of(const std::string& attributes) {
  const auto labels = labels_of(attributes);
  std::string words;
  const auto add = [&](const std::string& text) {
    if (text.empty() || words.size() + text.size() >= keywords_bytes_max) return;
    words += (words.empty() ? "" : " ") + text;
  };
  add(labels.vendor);
  for (const auto& tag : labels.tags) add(tag);
  return words;
}

std::string kept_sku(const std::string& attributes, bool is_variant) {
  const json::value all = object_of(attributes);
  const json::value* at = is_variant ? &all : all.find(own_variant_member);
  const json::value* sku = at ? at->find(sku_member) : nullptr;
  return sku ? json::write(*sku) : "";
}

bool awaits_price(const std::string& attributes) {
  if (attributes.find(draft_reason_member) == std::string::npos) return false;
  const json::value all = object_of(attributes);
  const json::value* reason = all.find(draft_reason_member);
  return reason && reason->if_string() && *reason->if_string() == no_price_reason;
}

std::string with_awaited_price(const std::string& attributes, bool awaits) {
  if (awaits == awaits_price(attributes)) return attributes;
  return merged(attributes,
                object_with(draft_reason_member,
                            awaits ? json::value(std::string(no_price_reason)) : json::value()));
}

}  // namespace stoa::catalog
