#include "net/shopify/sku_exchange.hpp"

#include <unordered_map>

namespace stoa::shopify {

sku_plan plan_skus(const std::vector<catalog::left_out_sku>& waiting) {
  std::unordered_map<stoa::product_id, std::size_t> index_of;
  for (std::size_t i = 0; i < waiting.size(); ++i) index_of.emplace(waiting[i].product_id, i);
  std::unordered_multimap<stoa::product_id, std::size_t> behind;
  std::vector<std::size_t> first;
  for (std::size_t i = 0; i < waiting.size(); ++i) {
    const auto& holder = waiting[i].held_by;
    if (holder && index_of.contains(*holder)) {
      behind.emplace(*holder, i);
    } else {
      first.push_back(i);
    }
  }
  sku_plan plan;
  std::vector<bool> planned(waiting.size());
  for (const auto start : first) {
    std::vector<std::size_t> chain{start};
    for (std::size_t at = 0; at < chain.size(); ++at) {
      planned[chain[at]] = true;
      const auto [from, to] = behind.equal_range(waiting[chain[at]].product_id);
      for (auto next = from; next != to; ++next) chain.push_back(next->second);
    }
    plan.chains.push_back(std::move(chain));
  }
  for (std::size_t i = 0; i < waiting.size(); ++i) {
    if (!planned[i]) plan.rings.push_back(i);
  }
  return plan;
}

}  // namespace stoa::shopify
