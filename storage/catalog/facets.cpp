#include "storage/catalog/facets.hpp"

#include "storage/base/json_value.hpp"
#include "storage/base/json_write.hpp"
#include "storage/catalog/product_list_sql.hpp"

#include <algorithm>
#include <tuple>

namespace stoa::catalog {

namespace {

/// Runs the statement of the kind with the filter's values between those before and after them.
template <class F>
void count_each(db::connection& c, const product_filter& filter, facet_kind kind,
                std::vector<db::value> before, std::vector<db::value> after, const F& each) {
  auto values = std::move(before);
  const auto shape = add_filter(c, filter, values);
  for (auto& v : after) values.push_back(std::move(v));
  c.query({&facet_statement(c.dialect(), shape, kind), std::move(values)}, each);
}

// Each value is looked up at its first product: a value may have very many.
const db::sql names_sqlite{
    "name facet values",
    "SELECT k.key, f.name, f.label FROM json_each($1) AS k CROSS JOIN product_facets f"
    " WHERE f.facet=json_extract(k.value,'$[0]') AND f.value=json_extract(k.value,'$[1]')"
    " AND f.product_id=(SELECT g.product_id FROM product_facets g"
    " WHERE g.facet=json_extract(k.value,'$[0]') AND g.value=json_extract(k.value,'$[1]')"
    " ORDER BY g.product_id LIMIT 1)"};
const db::sql names_postgres{
    "name facet values",
    "SELECT k.place-1, f.name, f.label"
    " FROM jsonb_array_elements(CAST($1 AS jsonb)) WITH ORDINALITY AS k(item,place)"
    " CROSS JOIN LATERAL (SELECT g.name, g.label FROM product_facets g"
    " WHERE g.facet=k.item->>0 AND g.value=k.item->>1 ORDER BY g.product_id LIMIT 1) AS f"};
const db::sql facets_of_product{"facets of product",
                                "SELECT facet,value,name,label FROM product_facets"
                                " WHERE product_id=$1 ORDER BY facet,value"};

std::int64_t number(const db::value& v) {
  return std::get<std::int64_t>(v);
}

const db::sql rows_of_products{"rows of products", "SELECT max(row_number) FROM products"};

/// Whether reading all facets costs less than those of each product of the list. A product that is
/// found by its id costs as much as about three that are read in order.
bool lists_most(db::connection& c, const product_filter& filter) {
  std::vector<db::value> values;
  const auto shape = add_filter(c, filter, values);
  const bool is_filtered =
      shape.plan != list_plan::prices || shape.prices || shape.stock != stock_filter::any;
  if (!is_filtered) return true;
  std::int64_t rows = 0;
  c.query({&rows_of_products, {}}, [&](db::row r) {
    if (const auto* last = std::get_if<std::int64_t>(&r[0])) rows = *last;
  });
  return count_products(c, filter, std::nullopt) > rows / 3;
}

facet_count count_of(db::row r) {
  return {std::move(std::get<std::string>(r[0])), std::move(std::get<std::string>(r[1])),
          std::move(std::get<std::string>(r[2])), std::move(std::get<std::string>(r[3])),
          number(r[4])};
}

/// Keeps the most frequent values of each facet; they come facet by facet.
std::vector<facet_count> most_frequent(std::vector<facet_count> all) {
  std::ranges::sort(all, [](const facet_count& a, const facet_count& b) {
    return std::tie(a.facet, b.count, a.value) < std::tie(b.facet, a.count, b.value);
  });
  std::vector<facet_count> kept;
  std::size_t place = 0;
  for (auto& one : all) {
    place = kept.empty() || kept.back().facet != one.facet ? 0 : place + 1;
    if (place <= facet_values_max) kept.push_back(std::move(one));
  }
  return kept;
}

std::vector<facet_count> count_in_order(db::connection& c, const product_filter& filter,
                                        std::span<const std::string> names, bool options,
                                        bool attributes) {
  std::vector<facet_count> counts;
  const auto add = [&](facet_group group, std::vector<db::value> values) {
    const auto shape = add_filter(c, filter, values);
    c.query({&facet_group_statement(shape, group), std::move(values)},
            [&](db::row r) { counts.push_back(count_of(r)); });
  };
  for (const auto& name : names) add(facet_group::named, db::params(name));
  if (options) add(facet_group::options, {});
  if (attributes) add(facet_group::attributes, {});
  return most_frequent(std::move(counts));
}

}  // namespace

const db::sql put_product_facets{
    "put product facets", "INSERT INTO product_facet_lists(product_id,facets) VALUES($1,$2)"};

std::string facet_list_text(std::span<const product_facet> facets) {
  json::array list;
  for (const auto& f : facets) {
    json::array item;
    for (const auto* text : {&f.facet, &f.value, &f.name, &f.label}) {
      item.emplace_back(std::string(*text));
    }
    list.emplace_back(std::move(item));
  }
  return json::write(json::value(std::move(list)));
}

std::vector<facet_count> count_facets(db::connection& c, const product_filter& filter,
                                      std::span<const std::string> names, bool options,
                                      bool attributes) {
  if (c.dialect() == "sqlite" && lists_most(c, filter)) {
    return count_in_order(c, filter, names, options, attributes);
  }
  std::vector<facet_count> counts;
  count_each(c, filter, facet_kind::values, {},
             db::params(json::write(std::vector<std::string>(names.begin(), names.end())),
                        std::int64_t{options}, std::int64_t{attributes}),
             [&](db::row r) { counts.push_back(count_of(r)); });
  return counts;
}

void name_facet_values(db::connection& c, std::vector<facet_count>& values) {
  std::vector<std::vector<std::string>> wanted;
  for (auto& one : values) {
    // Of a value that no product has any more.
    const auto dot = one.facet.find('.');
    one.name = dot == std::string::npos ? one.facet : one.facet.substr(dot + 1);
    one.label = one.value;
    wanted.push_back({one.facet, one.value});
  }
  if (wanted.empty()) return;
  const auto& what = c.dialect() == "postgres" ? names_postgres : names_sqlite;
  c.query({&what, db::params(json::write(wanted))}, [&](db::row r) {
    auto& one = values.at(static_cast<std::size_t>(number(r[0])));
    one.name = std::move(std::get<std::string>(r[1]));
    one.label = std::move(std::get<std::string>(r[2]));
  });
}

std::vector<std::vector<product_facet>> read_facets(db::connection& c,
                                                    const std::vector<stoa::product_id>& ids) {
  std::vector<db::statement> ask;
  ask.reserve(ids.size());
  for (auto id : ids) ask.push_back({&facets_of_product, db::params(id)});
  std::vector<std::vector<product_facet>> all(ids.size());
  c.query(ask, [&](std::size_t i, db::row r) {
    all[i].push_back(
        {std::move(std::get<std::string>(r[0])), std::move(std::get<std::string>(r[1])),
         std::move(std::get<std::string>(r[2])), std::move(std::get<std::string>(r[3]))});
  });
  return all;
}

std::vector<std::pair<stoa::category_id, std::int64_t>> count_by_category(
    db::connection& c, const product_filter& filter) {
  std::vector<std::pair<stoa::category_id, std::int64_t>> counts;
  count_each(c, filter, facet_kind::category, {}, {}, [&](db::row r) {
    counts.push_back({{std::get<uuid>(r[0])}, number(r[1])});
  });
  return counts;
}

std::pair<std::int64_t, std::int64_t> count_by_stock(db::connection& c,
                                                     const product_filter& filter) {
  std::pair<std::int64_t, std::int64_t> counts{0, 0};
  count_each(c, filter, facet_kind::stock, {}, {}, [&](db::row r) {
    (number(r[0]) != 0 ? counts.first : counts.second) += number(r[1]);
  });
  return counts;
}

std::optional<price_range> read_price_range(db::connection& c, const product_filter& filter) {
  std::optional<price_range> range;
  count_each(c, filter, facet_kind::price_range, {}, {}, [&](db::row r) {
    if (const auto* least = std::get_if<std::int64_t>(&r[0])) range = {*least, number(r[1])};
  });
  return range;
}

std::vector<std::pair<std::int64_t, std::int64_t>> count_by_price(db::connection& c,
                                                                  const product_filter& filter,
                                                                  std::int64_t width) {
  std::vector<std::pair<std::int64_t, std::int64_t>> counts;
  count_each(c, filter, facet_kind::price_bands, db::params(width), {},
             [&](db::row r) { counts.emplace_back(number(r[0]), number(r[1])); });
  return counts;
}

}  // namespace stoa::catalog
