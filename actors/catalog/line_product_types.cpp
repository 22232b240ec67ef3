// Lines of product types.

#include "actors/catalog/line_parts.hpp"
#include "storage/base/json_read.hpp"
#include "storage/base/json_write.hpp"
#include "storage/catalog/type_store.hpp"

#include <algorithm>

namespace stoa::catalog {

namespace {

/// The members that are not terms.
bool is_own(const std::string& name) {
  return name == "type" || name == "key";
}

std::optional<problem> bind_type(const json::value& line, import_line& to) {
  const auto* key = line.find("key");
  if (!key || !key->if_string()) {
    return invalid_field("/key", "required", "A product type has a key.");
  }
  json::object terms;
  for (const auto& m : *line.if_object()) {
    if (!is_own(m.name)) terms.push_back(m);
  }
  to.product_type = {*key->if_string(), {json::write(json::value(std::move(terms)))}};
  return std::nullopt;
}

void need_type_line(const catalog_service& service, const import_line& m,
                    catalog_service::need_list& list, const catalog_service::records& all) {
  service.needs(put_product_type{m.product_type->key, {}}, list, all);
}

std::string terms_text(const product_type_row& t) {
  return json::write(product_type_terms{t.name, t.attributes});
}

std::optional<problem> apply_type(line_run& run) {
  const auto& line = *run.m.product_type;
  const auto* found = run.d.of<product_type_row>().find(line.key);
  run.is_new = !found;
  const auto before = found ? terms_text(*found) : "{}";
  const auto terms = json::read<product_type_terms>(merged_terms(before, line.terms).text);
  if (!terms) return terms.error();
  const put_product_type command{line.key, *terms};
  if (const auto put = run.service.decide(command, run.d); !put) return put.error();
  run.changes.add({}, "product_type", found ? before : "", json::write(*terms));
  return std::nullopt;
}

line_page read_types(line_source& from) {
  line_page page;
  auto types = read_product_types(from.c);
  std::ranges::sort(types, {}, &product_type_row::key);
  for (const auto& t : types) {
    if (from.q.after && t.key <= *from.q.after) continue;
    const auto key = json::write(std::map<std::string, std::string>{{"key", t.key}});
    // The key comes first.
    page.lines.push_back(
        typed_line("product_type", key.substr(0, key.size() - 1) + "," + terms_text(t).substr(1)));
  }
  return page;
}

}  // namespace

const line_handler type_lines{"product_type", bind_type, need_type_line, apply_type, read_types};

}  // namespace stoa::catalog
