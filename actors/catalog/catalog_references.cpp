// The products that lines of prices name, and the count of these lines.

#include "actors/catalog/catalog_parts.hpp"
#include "actors/catalog/stored_texts.hpp"
#include "storage/catalog/reference_store.hpp"

#include <algorithm>
#include <map>

namespace stoa::catalog {

namespace {

using decision = catalog_service::decision;
using found_rows = db::gathering::found<reference_row>;

problem too_many_references() {
  return invalid_field("", "too_many",
                       "At most " + std::to_string(price_items_max) + " products at once.");
}

found_rows ask_reference(db::gathering& all, const product_reference& r) {
  if (r.sku) return ask_by_sku(all, stored_sku(*r.sku));
  const auto text = r.product.value_or("");
  if (const auto id = stoa::product_id::parse(text)) return ask_by_id(all, *id);
  return ask_by_handle(all, stored_name(text));
}

/// In any order, without white space at the ends.
std::vector<option_value> comparable_options(std::vector<option_value> options) {
  for (auto& o : options) o = {stored_name(o.name), stored_name(o.value)};
  std::ranges::sort(options, {}, &option_value::name);
  return options;
}

found_reference unknown_reference(std::string pointer, std::string why) {
  return {std::nullopt, field_error{std::move(pointer), "unknown", std::move(why)}};
}

found_reference variant_with(const product_reference& r, const std::vector<reference_row>& all) {
  const auto wanted = comparable_options(*r.options);
  for (const auto& v : all) {
    if (v.sellable && comparable_options(v.options) == wanted) return {v.product_id, std::nullopt};
  }
  return unknown_reference("/options", "The product has no variant with these options.");
}

/// `rows`: those with the name of the reference.
const reference_row* existing_row(const found_rows& rows) {
  const auto found = std::ranges::find_if(
      *rows, [](const auto& row) { return row.status != product_status::Deleted; });
  return found == rows->end() ? nullptr : &*found;
}

found_reference judge_reference(const product_reference& r, const reference_row* row) {
  if (!row) {
    return r.sku ? unknown_reference("/sku", "Unknown SKU.")
                 : unknown_reference("/product", "Unknown product.");
  }
  if (row->sellable) return {row->product_id, std::nullopt};
  if (row->parent_product_id) {
    return unknown_reference(r.sku ? "/sku" : "/product", "This variant is being removed.");
  }
  return {std::nullopt,
          field_error{r.sku ? "/sku" : "/product", "value",
                      "The product has variants. Name one by its options or its SKU."}};
}

}  // namespace

result<found_references> catalog_service::read(const find_references& q, const call_context&,
                                               db::connection& c) const {
  if (q.references.size() > price_items_max) return too_many_references();
  found_references found;
  if (q.step) {
    const auto import = read_import_job(c, q.step->import_id);
    if (auto ended = check_step(import ? &*import : nullptr, *q.step)) return std::move(*ended);
    for (const auto number : q.numbers) {
      if (is_counted(*import, number)) found.counted.push_back(number);
    }
  }
  db::gathering all;
  std::vector<found_rows> asked;
  asked.reserve(q.references.size());
  for (const auto& r : q.references) asked.push_back(ask_reference(all, r));
  all.run(c);
  // Lines of one product follow one another: its variants are read once.
  std::map<stoa::product_id, found_rows> variants;
  for (std::size_t i = 0; i < asked.size(); ++i) {
    const auto* row = q.references[i].options ? existing_row(asked[i]) : nullptr;
    if (!row || variants.contains(row->product_id)) continue;
    variants.emplace(row->product_id, ask_variants(all, row->product_id));
  }
  all.run(c);
  for (std::size_t i = 0; i < asked.size(); ++i) {
    const auto& r = q.references[i];
    const auto* row = existing_row(asked[i]);
    found.data.push_back(r.options && row ? variant_with(r, *variants.at(row->product_id))
                                          : judge_reference(r, row));
  }
  return found;
}

result<named_products> catalog_service::read(const name_products& q, const call_context&,
                                             db::connection& c) const {
  if (q.product_ids.size() > price_items_max) return too_many_references();
  db::gathering all;
  std::vector<found_rows> asked;
  asked.reserve(q.product_ids.size());
  for (const auto id : q.product_ids) asked.push_back(ask_by_id(all, id));
  all.run(c);
  named_products names;
  for (const auto& rows : asked) {
    const auto* row = existing_row(rows);
    if (!row || !row->sellable) continue;
    const auto& handle = row->parent_product_id ? row->parent_handle : row->handle;
    const auto id = row->parent_product_id.value_or(row->product_id);
    names.data.push_back({row->product_id, handle.value_or(id.str()), row->options});
  }
  return names;
}

void catalog_service::needs(const count_lines& m, need_list& list, const records&) const {
  list.add<&import_row::import_id>(m.step.import_id);
}

result<kernel::nothing> catalog_service::decide(const count_lines& m, decision& d) const {
  if (auto ended = check_step(d, m.step)) return std::move(*ended);
  auto step = m.step;
  for (const auto& line : m.lines) {
    step.number = line.number;
    if (!is_counted(d, step)) count_product(d, step, line.outcome);
  }
  return kernel::nothing{};
}

}  // namespace stoa::catalog
