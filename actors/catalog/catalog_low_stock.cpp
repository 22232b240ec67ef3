// stock.low: the available units of a product have fallen to its threshold.

#include "actors/catalog/catalog_parts.hpp"

namespace stoa::catalog {

std::optional<std::int64_t> counted_units(catalog_service::decision& d, stoa::product_id id) {
  const auto* stock = d.of<stock_row>().find(id);
  if (!stock || !stock->tracked || !stock->sellable) return std::nullopt;
  return stock->available();
}

void report_low_stock(catalog_service::decision& d, stoa::product_id id,
                      std::optional<std::int64_t> before, std::int64_t by_default) {
  const auto now = counted_units(d, id);
  if (!before || !now) return;
  const auto threshold = d.of<stock_row>().find(id)->low_stock_threshold.value_or(by_default);
  if (threshold > 0 && *before > threshold && *now <= threshold) {
    d.emit(id, stock_low{id, *now, threshold});
  }
}

}  // namespace stoa::catalog
