#include "net/search/engine_index.hpp"

#include "net/search/engine_json.hpp"
#include "storage/base/json_write.hpp"
#include "storage/base/text.hpp"

#include <algorithm>

namespace stoa::search {

namespace {

constexpr std::size_t reason_bytes_max = 300;
constexpr std::size_t stamp_digits = 14;
constexpr std::size_t suffix_digits = 6;
/// Characters, of up to four bytes: Lucene indexes texts of at most 32,766 bytes.
constexpr std::int64_t keyword_length_max = 8191;
/// Deleted documents keep their version for this time, so that a late request cannot restore them.
constexpr const char* deletes_kept = "1h";

problem bad_answer(const std::string& why) {
  return {problem_kind::unavailable, "unavailable", "invalid response: " + why, {}};
}

json::value type_of(const char* type) {
  return one("type", text_of(type));
}
/// Only sorted and filtered by.
json::value stored_text() {
  return object_of({{"type", text_of("keyword")}});
}
/// Filtered by and counted. A longer value than Lucene's maximum is not indexed.
json::value counted_text() {
  return object_of({{"type", text_of("keyword")}, {"ignore_above", number_of(keyword_length_max)}});
}
/// The words are separated by spaces. Prefixes of two to five letters are indexed.
json::value words_field() {
  return object_of({{"type", text_of("text")},
                    {"analyzer", text_of("whitespace")},
                    {"norms", json::value(false)},
                    {"index_prefixes", json::value(json::object{})}});
}

json::value mapping() {
  return object_of(
      {{"dynamic", text_of("strict")},
       {"_meta", one("stoa", one("version", number_of(mapping_version)))},
       {"properties", object_of({{"id", stored_text()},
                                 {"name", words_field()},
                                 {"keywords", words_field()},
                                 {"body", words_field()},
                                 {"name_words", type_of("integer")},
                                 {"category_id", stored_text()},
                                 {"price", type_of("long")},
                                 {"in_stock", type_of("boolean")},
                                 {"created_us", type_of("long")},
                                 {"vendor", counted_text()},
                                 {"tags", counted_text()},
                                 {"options", counted_text()},
                                 {"attributes", counted_text()},
                                 {"sort_name", object_of({{"type", text_of("keyword")},
                                                          {"index", json::value(false)}})}})}});
}

/// The engine's texts become one printable line.
std::string shown(std::string_view text) {
  auto kept = text.substr(0, reason_bytes_max);
  kept = kept.substr(0, text::utf8_prefix(kept));
  std::string out(kept);
  std::ranges::replace_if(
      out, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }, ' ');
  return out;
}

std::string text_member(const json::value& v, std::string_view name) {
  const auto* member = v.find(name);
  const auto* text = member != nullptr ? member->if_string() : nullptr;
  return text != nullptr ? *text : std::string();
}

std::string reason_in(const json::value& error) {
  if (const auto* text = error.if_string()) return shown(*text);
  const auto type = text_member(error, "type");
  const auto reason = text_member(error, "reason");
  if (type.empty()) return shown(reason);
  return shown(reason.empty() ? type : type + ": " + reason);
}

bool all_of_class(std::string_view text, std::string_view letters) {
  return text.find_first_not_of(letters) == std::string_view::npos;
}

bulk_item item_of(const json::value& action) {
  const auto* status = action.find("status");
  const auto* code = status != nullptr ? status->if_int64() : nullptr;
  if (code == nullptr) return {bulk_outcome::later, "no status"};
  constexpr std::int64_t conflict = 409;
  if ((*code >= 200 && *code < 300) || *code == conflict) return {};
  const auto* error = action.find("error");
  // A deleted document that did not exist has no error.
  if (*code == 404 && error == nullptr) return {};
  bulk_item item;
  item.reason = error != nullptr ? reason_in(*error) : "status " + std::to_string(*code);
  if (*code == 404) {
    item.outcome = bulk_outcome::no_index;
  } else if (*code == 429 || *code >= 500 || *code == 401 || *code == 403) {
    item.outcome = bulk_outcome::later;
  } else {
    item.outcome = bulk_outcome::rejected;
  }
  return item;
}

void append_action(std::string& body, const char* action, std::string_view alias,
                   stoa::product_id id, std::int64_t version) {
  body += json::write(one(action, object_of({{"_index", text_of(alias)},
                                             {"_id", text_of(id.str())},
                                             {"version", number_of(version)},
                                             {"version_type", text_of("external")},
                                             {"require_alias", json::value(true)}})));
  body += '\n';
}

json::value texts_of(const std::vector<std::string>& texts) {
  json::array list;
  for (const auto& t : texts) list.push_back(text_of(t));
  return json::value(std::move(list));
}

/// Lists are sorted by `id`, which indexes with mapping 1 do not have: they reject searches that
/// would miss the fields of mapping 2.
std::string document_text(const catalog::engine_document& d) {
  json::object all{{"id", text_of(d.product_id.str())},
                   {"name", text_of(d.name)},
                   {"keywords", text_of(d.keywords)},
                   {"body", text_of(d.body)},
                   {"name_words", number_of(d.name_words)},
                   {"price", number_of(d.price)},
                   {"in_stock", json::value(d.in_stock)},
                   {"created_us", number_of(d.created_us)},
                   {"sort_name", text_of(d.sort_name)},
                   {"vendor", texts_of(d.vendor)},
                   {"tags", texts_of(d.tags)},
                   {"options", texts_of(d.options)},
                   {"attributes", texts_of(d.attributes)}};
  if (d.category_id) all.push_back({"category_id", text_of(d.category_id->str())});
  return json::write(json::value(std::move(all)));
}

}  // namespace

std::string building_alias(std::string_view alias) {
  return std::string(alias) + "-building";
}

bool is_own_index(std::string_view name, std::string_view alias) {
  if (name.size() != alias.size() + 2 + stamp_digits + suffix_digits) return false;
  if (!name.starts_with(alias)) return false;
  const auto rest = name.substr(alias.size());
  return rest[0] == '-' && all_of_class(rest.substr(1, stamp_digits), "0123456789") &&
         rest[stamp_digits + 1] == '-' &&
         all_of_class(rest.substr(stamp_digits + 2), "0123456789abcdef");
}

std::string index_body(std::string_view alias) {
  return json::write(
      object_of({{"settings", one("index", one("gc_deletes", text_of(deletes_kept)))},
                 {"mappings", mapping()},
                 {"aliases", one(building_alias(alias), json::value(json::object{}))}}));
}

std::string switch_body(std::string_view alias, std::string_view index,
                        const std::vector<std::string>& old) {
  json::array actions;
  const auto add = [&](const char* action, std::string_view of, std::string_view name) {
    actions.push_back(one(action, object_of({{"index", text_of(of)}, {"alias", text_of(name)}})));
  };
  for (const auto& o : old) {
    if (o != index) add("remove", o, alias);
  }
  add("add", index, alias);
  actions.push_back(one("remove", object_of({{"index", text_of(index)},
                                             {"alias", text_of(building_alias(alias))},
                                             {"must_exist", json::value(false)}})));
  return json::write(one("actions", json::value(std::move(actions))));
}

result<std::vector<std::string>> read_index_names(std::string_view body) {
  const auto answer = json::parse(body);
  if (!answer) return bad_answer(answer.error().detail);
  const auto* indexes = answer->if_object();
  if (indexes == nullptr) return bad_answer("no indexes");
  std::vector<std::string> names;
  for (const auto& i : *indexes) names.push_back(i.name);
  return names;
}

result<std::int64_t> read_mapping_version(std::string_view body) {
  const auto answer = json::parse(body);
  if (!answer) return bad_answer(answer.error().detail);
  const auto* indexes = answer->if_object();
  if (indexes == nullptr || indexes->empty()) return bad_answer("no index");
  const json::value* at = &indexes->front().value;
  for (const char* name : {"mappings", "_meta", "stoa", "version"}) {
    at = at->find(name);
    if (at == nullptr) return 0;
  }
  const auto* version = at->if_int64();
  return version != nullptr ? *version : 0;
}

void append_document(std::string& body, std::string_view alias, const catalog::engine_document& d,
                     std::int64_t version) {
  append_action(body, "index", alias, d.product_id, version);
  body += document_text(d);
  body += '\n';
}

void append_removal(std::string& body, std::string_view alias, stoa::product_id id,
                    std::int64_t version) {
  append_action(body, "delete", alias, id, version);
}

result<std::vector<bulk_item>> read_bulk(std::string_view body, std::size_t count) {
  const auto answer = json::parse(body, {.bytes_max = bulk_bytes_max});
  if (!answer) return bad_answer(answer.error().detail);
  const auto* items = answer->find("items");
  const auto* list = items != nullptr ? items->if_array() : nullptr;
  if (list == nullptr || list->size() != count) return bad_answer("not one item for each action");
  std::vector<bulk_item> outcomes;
  for (const auto& item : *list) {
    const auto* action = item.if_object();
    if (action == nullptr || action->size() != 1) return bad_answer("an item without an action");
    outcomes.push_back(item_of(action->front().value));
  }
  return outcomes;
}

std::string reason_of(std::string_view body) {
  const auto answer = json::parse(body);
  if (!answer) return {};
  const auto* error = answer->find("error");
  return error != nullptr ? reason_in(*error) : std::string();
}

}  // namespace stoa::search
