// Lines of the products that are shown with a product, and the line of synonyms.

#include "actors/catalog/line_parts.hpp"
#include "storage/base/json_read.hpp"
#include "storage/base/json_write.hpp"
#include "storage/catalog/collection_store.hpp"

namespace stoa::catalog {

namespace {

std::optional<problem> bind_related(const json::value& line, import_line& to) {
  auto bound = json::read_value<related_line>(line);
  if (!bound) return bound.error();
  to.related = std::move(*bound);
  return std::nullopt;
}

void need_related_line(const catalog_service&, const import_line& m,
                       catalog_service::need_list& list, const catalog_service::records& all) {
  const auto& line = *m.related;
  need_reference(line.product, list);
  for (const auto& one : line.related) need_reference(one.product, list);
  const auto id = stoa::product_id::parse(line.product);
  const auto* p =
      id ? all.of<product_row>().find(*id)
         : all.of<product_row>().find_by<&product_row::handle>(std::optional(line.product));
  if (p) list.add<&relation_row::product_id>(p->product_id);
}

std::string shown(const std::vector<const relation_row*>& rows) {
  std::string text;
  for (const auto* r : rows) {
    text += (text.empty() ? "" : ", ") + std::string(enum_name(r->kind)) + ' ' +
            r->related_product_id.str();
  }
  return text;
}

std::optional<problem> apply_related(line_run& run) {
  const auto& line = *run.m.related;
  const auto* p = find_reference(run.d, line.product);
  if (!p) return invalid_field("/product", "unknown", "Unknown product.");
  set_related command{p->product_id, {}};
  for (std::size_t i = 0; i < line.related.size(); ++i) {
    const auto& one = line.related[i];
    const auto* other = find_reference(run.d, one.product);
    if (!other) {
      return invalid_field("/related/" + std::to_string(i) + "/product", "unknown",
                           "Unknown product.");
    }
    command.related.data.push_back({other->product_id, one.kind});
  }
  const auto rows = [&] {
    return run.d.of<relation_row>().where<&relation_row::product_id>(command.product_id);
  };
  const auto before = shown(rows());
  run.is_new = before.empty();
  const auto set = run.service.decide(command, run.d);
  if (!set) {
    auto bad = set.error();
    for (auto& e : bad.errors) {
      // "/data/0/product_id" is "/related/0/product" in a line.
      if (e.pointer.starts_with("/data/")) {
        e.pointer = "/related/" + e.pointer.substr(6, e.pointer.rfind('/') - 6) + "/product";
      }
    }
    return bad;
  }
  run.changes.add({}, "related", before, shown(rows()));
  return std::nullopt;
}

line_page read_related(line_source& from) {
  line_page page;
  stoa::product_id after{};
  if (from.q.after) after = stoa::product_id::parse(*from.q.after).value_or(after);
  const auto limit = static_cast<std::size_t>(std::clamp<std::int64_t>(from.q.limit, 1, 1000));
  const auto products = related_products_after(from.c, after, limit);
  if (products.size() == limit) page.next = products.back().str();
  for (auto id : products) {
    const auto relations = read_relations(from.c, id);
    if (relations.empty()) continue;
    std::vector<stoa::product_id> ids{id};
    for (const auto& r : relations) ids.push_back(r.related_product_id);
    const auto references = references_of(from.c, ids);
    related_line line;
    line.product = references.at(id);
    for (const auto& r : relations) {
      line.related.push_back({references.at(r.related_product_id), r.kind});
    }
    page.lines.push_back(typed_line("related", json::write(line)));
  }
  return page;
}

std::optional<problem> bind_synonyms(const json::value& line, import_line& to) {
  auto bound = json::read_value<synonyms_line>(line);
  if (!bound) return bound.error();
  to.synonyms = std::move(*bound);
  return std::nullopt;
}

void need_synonyms_line(const catalog_service& service, const import_line&,
                        catalog_service::need_list& list, const catalog_service::records& all) {
  service.needs(set_synonyms{}, list, all);
}

std::optional<problem> apply_synonyms(line_run& run) {
  const auto* found = run.d.of<synonyms_row>().find(std::int64_t{0});
  const auto before = found ? found->synonym_groups : std::vector<std::vector<std::string>>{};
  const auto& groups = run.m.synonyms->groups;
  if (before == groups) return std::nullopt;
  run.is_new = before.empty();
  const set_synonyms command{{groups}};
  if (const auto set = run.service.decide(command, run.d); !set) return set.error();
  run.changes.add({}, "synonyms", json::write(before), json::write(groups));
  return std::nullopt;
}

line_page read_synonym_lines(line_source& from) {
  const auto found = read_synonyms(from.c);
  line_page page;
  if (!found || found->synonym_groups.empty()) return page;
  page.lines.push_back(typed_line("synonyms", json::write(synonym_list{found->synonym_groups})));
  return page;
}

}  // namespace

const line_handler related_lines{"related", bind_related, need_related_line, apply_related,
                                 read_related};
const line_handler synonym_lines{"synonyms", bind_synonyms, need_synonyms_line, apply_synonyms,
                                 read_synonym_lines};

}  // namespace stoa::catalog
