#include "actors/catalog/import_changes.hpp"

#include "actors/catalog/attribute_merge.hpp"
#include "storage/base/json_value.hpp"
#include "storage/base/json_write.hpp"
#include "storage/base/text.hpp"

#include <algorithm>
#include <set>

namespace stoa::catalog {

namespace {

std::string shown(std::string_view text) {
  if (text.size() <= change_list::value_bytes_max) return std::string(text);
  std::string_view head = text.substr(0, change_list::value_bytes_max);
  return std::string(head.substr(0, text::utf8_prefix(head))) + "...";
}

std::string shown(const std::optional<money>& m) {
  return m ? to_display(*m) : "";
}

std::string shown(const json::value* v) {
  if (v == nullptr) return "";
  return v->if_string() ? *v->if_string() : json::write(*v);
}

std::string options_text(const std::vector<option_value>& options) {
  std::string text;
  for (const auto& o : options) text += (text.empty() ? "" : ", ") + o.name + "=" + o.value;
  return text;
}

/// Adds a whole value. Values of different types may look alike, and an empty text like none: these
/// are shown as JSON.
void add_value(change_list& to, const std::optional<std::string>& variant, const std::string& field,
               const json::value* before, const json::value* after) {
  const bool alike = shown(before) == shown(after);
  const auto text = [&](const json::value* v) { return v && alike ? json::write(*v) : shown(v); };
  to.add(variant, field, text(before), text(after));
}

/// True for two objects, or for a non-empty object and no value.
bool comparable_by_members(const json::value* before, const json::value* after) {
  const json::object* old_members = before ? before->if_object() : nullptr;
  const json::object* new_members = after ? after->if_object() : nullptr;
  if (old_members && new_members) return true;
  if (old_members) return !after && !old_members->empty();
  return new_members && !before && !new_members->empty();
}

/// Adds members of objects individually, other values as a whole.
void add_members(change_list& to, const std::optional<std::string>& variant,
                 const std::string& field, const json::value* before, const json::value* after) {
  if (!comparable_by_members(before, after)) {
    return add_value(to, variant, field, before, after);
  }
  const json::object* old_members = before ? before->if_object() : nullptr;
  const json::object* new_members = after ? after->if_object() : nullptr;
  std::set<std::string> names;
  for (const auto* members : {old_members, new_members}) {
    if (!members) continue;
    for (const json::member& m : *members) names.insert(m.name);
  }
  for (const auto& name : names) {
    add_members(to, variant, field + "." + name, before ? before->find(name) : nullptr,
                after ? after->find(name) : nullptr);
  }
}

}  // namespace

void change_list::add(const std::optional<std::string>& variant, std::string_view field,
                      std::string_view before, std::string_view after) {
  if (!wanted_ || before == after) return;
  if (changes_.size() >= listed_max) {
    ++not_listed_;
    return;
  }
  changes_.push_back({variant, std::string(field), shown(before), shown(after)});
}

void change_list::add_row(const product_row* before, const product_row& after) {
  if (!wanted_) return;
  static const product_row none;
  const product_row& old = before ? *before : none;
  std::optional<std::string> variant;
  if (after.parent_product_id) variant = after.name;
  add(variant, "name", old.name, after.name);
  add(variant, "handle", old.handle.value_or(""), after.handle.value_or(""));
  add(variant, "status", before ? enum_name(old.status) : "", enum_name(after.status));
  add(variant, "options", options_text(old.options), options_text(after.options));
  add(variant, "sku", old.sku.value_or(""), after.sku.value_or(""));
  add(variant, "price", before ? shown(std::optional(old.price)) : "",
      shown(std::optional(after.price)));
  add(variant, "compare_at_price", shown(old.compare_at_price), shown(after.compare_at_price));
  add(variant, "description", old.description, after.description);
  add(variant, "keywords", old.keywords, after.keywords);
  std::set<std::string> keys;
  for (const metadata* all : {&old.metadata, &after.metadata}) {
    for (const auto& entry : *all) keys.insert(entry.first);
  }
  const auto text_at = [](const metadata& all, const std::string& key) {
    auto found = all.find(key);
    return found == all.end() ? std::string() : found->second;
  };
  for (const auto& key : keys) {
    add(variant, "metadata." + key, text_at(old.metadata, key), text_at(after.metadata, key));
  }
  const json::value old_attributes = object_of(before ? old.attributes : "{}");
  const json::value new_attributes = object_of(after.attributes);
  add_members(*this, variant, "attributes", &old_attributes, &new_attributes);
}

void change_list::move_to(import_answer& answer) {
  answer.changes = std::move(changes_);
  answer.changes_not_listed = not_listed_;
}

}  // namespace stoa::catalog
