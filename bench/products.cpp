#include "bench/direct_client.hpp"
#include "bench/load.hpp"

#include <stdexcept>

namespace stoa::bench {
namespace {

bool in_stock(const json::value& product) {
  const auto* count = product.find("inventory_count");
  return count && count->if_int64() && *count->if_int64() > 0;
}

void add_product(const json::value& product, std::vector<std::string>& ids) {
  const auto* variants = product.find("variants");
  if (variants && variants->if_array() && !variants->if_array()->empty()) {
    for (const auto& v : *variants->if_array()) add_product(v, ids);
    return;
  }
  const auto* id = product.find("product_id");
  if (id && id->if_string() && in_stock(product)) ids.push_back(*id->if_string());
}

}  // namespace

std::vector<std::string> buyable_products(const target& server, std::size_t max) {
  direct_client client(server);
  std::vector<std::string> ids;
  std::string cursor;
  do {
    const auto page = client.get("/store/v1/products?in_stock=true&limit=100" +
                                 (cursor.empty() ? "" : "&cursor=" + cursor));
    if (page.status != 200) {
      throw std::runtime_error("the product list returned " + std::to_string(page.status) + " " +
                               page.body.substr(0, 200));
    }
    const auto content = page.json();
    const auto* data = content.find("data");
    if (!data || !data->if_array()) throw std::runtime_error("the product list is malformed");
    for (const auto& p : *data->if_array()) add_product(p, ids);
    const auto* next = content.find("next_cursor");
    cursor = next && next->if_string() ? *next->if_string() : std::string();
  } while (!cursor.empty() && ids.size() < max);
  if (ids.empty()) throw std::runtime_error("no product is in stock");
  return ids;
}

}  // namespace stoa::bench
