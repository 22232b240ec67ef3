#include "storage/catalog/facets.hpp"

#include "storage/base/json_value.hpp"
#include "storage/base/json_write.hpp"
#include "storage/catalog/product_list_sql.hpp"

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

std::int64_t number(const db::value& v) {
  return std::get<std::int64_t>(v);
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
  std::vector<facet_count> counts;
  count_each(c, filter, facet_kind::values, {},
             db::params(json::write(std::vector<std::string>(names.begin(), names.end())),
                        std::int64_t{options}, std::int64_t{attributes}),
             [&](db::row r) {
               counts.push_back({std::move(std::get<std::string>(r[0])),
                                 std::move(std::get<std::string>(r[1])),
                                 std::move(std::get<std::string>(r[2])),
                                 std::move(std::get<std::string>(r[3])), number(r[4])});
             });
  return counts;
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
