// Lines of collections.

#include "actors/catalog/line_parts.hpp"
#include "actors/catalog/stored_texts.hpp"
#include "storage/base/json_read.hpp"
#include "storage/base/json_write.hpp"
#include "storage/catalog/collection_store.hpp"

#include <algorithm>

namespace stoa::catalog {

namespace {

using decision = catalog_service::decision;

/// The members that are not terms.
struct collection_members {
  std::optional<std::string> type;
  std::optional<stoa::collection_id> collection_id;
  patch<std::vector<std::string>> products;
  std::optional<translation_lines> translations;
  patch<std::vector<std::string>> earlier_handles;
  static constexpr json::rule rules[] = {
      {.field = "products", .length_max = collection_products_max, .each_length_max = 255},
      {.field = "earlier_handles",
       .length_max = earlier_handles_max,
       .form = json::format::line,
       .each_length_max = name_length_max,
       .each_length_min = 1}};
};
BOOST_DESCRIBE_STRUCT(collection_members, (),
                      (type, collection_id, products, translations, earlier_handles))

std::optional<problem> bind_collection(const json::value& line, import_line& to) {
  json::object own;
  json::object terms;
  for (const auto& m : *line.if_object()) {
    const bool is_own = std::ranges::find(member_names<collection_members>, m.name) !=
                        member_names<collection_members>.end();
    if (m.name == "product_ids") {
      return invalid_field("/product_ids", "exclusive", "Name the products in `products`.");
    }
    (is_own ? own : terms).push_back(m);
  }
  auto bound = json::read_value<collection_members>(json::value(std::move(own)));
  if (!bound) return bound.error();
  if (auto bad = check_locales(bound->translations)) return bad;
  auto& made = to.collection.emplace();
  made.collection_id = bound->collection_id;
  if (const auto* handle = line.find("handle"); handle && handle->if_string()) {
    made.handle = stored_name(*handle->if_string());
  }
  if (!made.handle && !made.collection_id) {
    return invalid_field("/handle", "required", "A collection has a handle or a collection_id.");
  }
  made.terms.text = json::write(json::value(std::move(terms)));
  made.products = std::move(bound->products);
  made.translations = std::move(bound->translations);
  made.earlier_handles = std::move(bound->earlier_handles);
  return std::nullopt;
}

/// The stored collection of the line.
const collection_row* stored_collection(const auto& rows, const collection_line& line) {
  if (line.collection_id) return rows.find(*line.collection_id);
  return rows.template find_by<&collection_row::handle>(line.handle);
}

/// The category that a rule names; empty: none.
category_names rule_path(const json::value& terms) {
  const auto* rule = terms.find("rule");
  const auto* names = rule ? rule->find("category") : nullptr;
  category_names path;
  if (!names || !names->if_array()) return path;
  for (const auto& name : *names->if_array()) {
    if (name.if_string()) path.push_back(stored_name(*name.if_string()));
  }
  return path;
}

void need_collection_line(const catalog_service& service, const import_line& m,
                          catalog_service::need_list& list, const catalog_service::records& all) {
  const auto& line = *m.collection;
  if (line.handle) list.add<&collection_row::handle>(*line.handle);
  if (line.collection_id) list.add<&collection_row::collection_id>(*line.collection_id);
  const auto* found = stored_collection(all.of<collection_row>(), line);
  collection_terms wanted;
  wanted.handle = line.handle;
  if (found) wanted.name = found->name;
  if (const auto terms = json::parse(line.terms.text, line_limits)) {
    const auto* name = terms->find("name");
    if (name && name->if_string()) wanted.name = *name->if_string();
    need_path(rule_path(*terms), list);
    const auto* rule = terms->find("rule");
    const auto* id = rule ? rule->find("category_id") : nullptr;
    const auto category =
        id && id->if_string() ? stoa::category_id::parse(*id->if_string()) : std::nullopt;
    if (category) list.add<&category_row::category_id>(*category);
  }
  if (line.products.value) {
    for (const auto& p : *line.products.value) need_reference(p, list);
  }
  if (line.earlier_handles.value) {
    for (const auto& earlier : *line.earlier_handles.value) {
      list.add<&collection_row::handle>(stored_name(earlier));
    }
  }
  need_earlier_handles(line.earlier_handles, found ? found->collection_id.value : uuid{}, list);
  service.needs(create_collection{wanted}, list, all);
  if (!found) return;
  service.needs(replace_collection{found->collection_id, wanted}, list, all);
  list.add<&translation_row::resource_id>(found->collection_id.value);
  if (found->rule && found->rule->category_id) {
    list.add<&category_row::category_id>(*found->rule->category_id);
  }
}

collection_terms terms_of(decision& d, const collection_row& c) {
  collection_terms terms{c.name, c.handle, c.description, c.published, c.sort, c.rule, {}};
  if (c.rule) return terms;
  auto members =
      d.of<collection_product_row>().where<&collection_product_row::collection_id>(c.collection_id);
  std::ranges::sort(members, {}, [](const auto* m) { return m->position; });
  auto& ids = terms.product_ids.emplace();
  for (const auto* m : members) {
    if (find_existing(d, m->product_id)) ids.push_back(m->product_id);
  }
  return terms;
}

/// Replaces the path of the rule's category by its id.
std::optional<problem> resolve_rule(decision& d, json::value& terms) {
  const auto* rule = terms.find("rule");
  if (!rule || !rule->find("category")) return std::nullopt;
  const auto path = rule_path(terms);
  const auto* found = path.empty() ? nullptr : find_path(d, path);
  if (!found) return invalid_field("/rule/category", "unknown", "Unknown category.");
  json::object resolved;
  for (const auto& m : *rule->if_object()) {
    if (m.name != "category" && m.name != "category_id") resolved.push_back(m);
  }
  resolved.push_back({"category_id", json::value(found->category_id.str())});
  json::object all;
  for (const auto& m : *terms.if_object()) {
    all.push_back({m.name, m.name == "rule" ? json::value(resolved) : m.value});
  }
  terms = json::value(std::move(all));
  return std::nullopt;
}

/// The terms of the line, merged with those before; a rule excludes a list, so that one of them in
/// the line replaces the other.
result<collection_terms> merged_line(line_run& run, const collection_terms& before, bool is_new) {
  const auto& line = *run.m.collection;
  auto base = before;
  const auto products = std::exchange(base.product_ids, std::nullopt);
  if (line.products.value) base.rule.reset();
  auto parsed = json::parse(line.terms.text, line_limits);
  if (!parsed) return parsed.error();
  if (auto bad = resolve_rule(run.d, *parsed)) return std::move(*bad);
  const auto merged = merged_terms(is_new ? "{}" : json::write(base), {json::write(*parsed)});
  auto terms = json::read<collection_terms>(merged.text, line_limits);
  if (!terms) return terms.error();
  if (!line.products.present) {
    if (!terms->rule) terms->product_ids = products;
    return terms;
  }
  if (!line.products.value) return terms;
  auto& ids = terms->product_ids.emplace();
  for (std::size_t i = 0; i < line.products.value->size(); ++i) {
    const auto* p = find_reference(run.d, (*line.products.value)[i]);
    if (!p) {
      return invalid_field("/products/" + std::to_string(i), "unknown", "Unknown product.");
    }
    ids.push_back(p->product_id);
  }
  return terms;
}

/// "/product_ids/0" is "/products/0" in a line.
problem in_line(problem p) {
  constexpr std::string_view list = "/product_ids";
  for (auto& e : p.errors) {
    if (e.pointer.starts_with(list)) e.pointer = "/products" + e.pointer.substr(list.size());
  }
  return p;
}

std::optional<problem> apply_collection(line_run& run) {
  const auto& line = *run.m.collection;
  auto& d = run.d;
  const auto* found = stored_collection(d.of<collection_row>(), line);
  run.is_new = !found;
  const auto before = found ? terms_of(d, *found) : collection_terms{};
  const auto terms = merged_line(run, before, run.is_new);
  if (!terms) return in_line(terms.error());
  stoa::collection_id id;
  if (found) {
    id = found->collection_id;
    const replace_collection command{id, *terms};
    if (const auto replaced = run.service.decide(command, d); !replaced) {
      return in_line(replaced.error());
    }
  } else {
    const create_collection command{*terms, line.collection_id};
    const auto made = run.service.decide(command, d);
    if (!made) return in_line(made.error());
    id = made->collection_id;
  }
  run.changes.add({}, "collection", run.is_new ? "" : json::write(before), json::write(*terms));
  apply_resource_handles(run, collection_kind, id.value, line.earlier_handles);
  return apply_translations(run, line.translations, translated_kind::collection, id.value);
}

std::string collection_text(line_source& from, const collection_row& c,
                            const std::map<stoa::category_id, category_names>& paths) {
  collection_members own;
  if (!c.handle) own.collection_id = c.collection_id;
  collection_terms terms{c.name, c.handle, c.description, c.published, c.sort, c.rule, {}};
  std::string rule;
  if (c.rule) {
    auto stored = *c.rule;
    const auto path = stored.category_id ? paths.find(*stored.category_id) : paths.end();
    if (path != paths.end()) stored.category_id.reset();
    rule = json::write(stored);
    if (path != paths.end()) {
      rule.pop_back();
      rule +=
          (rule == "{" ? R"("category":)" : R"(,"category":)") + json::write(path->second) + '}';
    }
    terms.rule.reset();
  } else {
    const auto ids = read_collection_products(from.c, c.collection_id);
    const auto references = references_of(from.c, ids);
    auto& names = own.products.value.emplace();
    own.products.present = true;
    for (auto id : ids) names.push_back(references.at(id));
  }
  auto translations = translations_by_id(from.c, {c.collection_id.value});
  if (!translations.empty()) own.translations = std::move(translations.begin()->second);
  own.earlier_handles = earlier_handles_of(from.c, c.collection_id.value);
  std::string text = json::write(terms);
  text.pop_back();
  if (!rule.empty()) text += R"(,"rule":)" + rule;
  const auto rest = json::write(own);
  return text + (rest == "{}" ? "}" : "," + rest.substr(1));
}

line_page read_collection_lines(line_source& from) {
  line_page page;
  const auto key_of = [](const collection_row& c) {
    return std::vector<std::string>{c.name, c.handle.value_or(c.collection_id.str())};
  };
  auto all = read_collections(from.c);
  std::ranges::sort(all, {}, key_of);
  // If the collection is gone, its lines are repeated: importing them again changes nothing.
  auto at = all.begin();
  if (from.q.after) {
    at = std::ranges::find_if(
        all, [&](const auto& c) { return c.collection_id.str() == *from.q.after; });
    at = at == all.end() ? all.begin() : std::next(at);
  }
  const auto paths = read_paths(from.c);
  std::size_t bytes = 0;
  for (; at != all.end(); ++at) {
    const auto& c = *at;
    page.lines.push_back(typed_line("collection", collection_text(from, c, paths)));
    bytes += page.lines.back().size();
    if (bytes < line_page_bytes) continue;
    page.next = c.collection_id.str();
    break;
  }
  return page;
}

}  // namespace

const line_handler collection_lines{"collection", bind_collection, need_collection_line,
                                    apply_collection, read_collection_lines};

}  // namespace stoa::catalog
