#pragma once
// A catalogue for importing products, one command at a time.

#include "tests/support/catalog_fixture.hpp"

namespace stoa::catalog {

struct imports : stoa::test::catalog_fixture {
  const stoa::product_id shirt_id{system_ids().next_v7()};
  const stoa::product_id m_id{system_ids().next_v7()};
  const stoa::product_id l_id{system_ids().next_v7()};
  const stoa::category_id home_id{system_ids().next_v7()};
  const stoa::category_id kitchen_id{system_ids().next_v7()};

  static imported_variant variant_of(stoa::product_id id, std::optional<std::string> sku,
                                     const std::string& size, std::optional<std::int64_t> price,
                                     std::optional<std::int64_t> on_hand) {
    imported_variant v;
    v.product_id = id;
    v.sku = std::move(sku);
    v.options = {{"Size", size}};
    if (price) v.price = money{*price, "EUR"};
    v.compare_at_price.present = price.has_value();
    v.on_hand = on_hand;
    return v;
  }
  import_product shirt() {
    import_product p;
    p.product_id = shirt_id;
    p.handle = "shirt";
    p.title = "Shirt";
    p.description = "<p>Soft</p>";
    p.keywords = "Weaver linen";
    p.status = product_status::Active;
    p.category_path = {category_ref{home_id, "Home"}, category_ref{kitchen_id, "Kitchen"}};
    p.images = {imported_image{{shirt_id.value}, "https://img.example/1.jpg", "front", 1}};
    p.attributes = {R"({"vendor":"Weaver"})"};
    p.variants = {variant_of(m_id, "S-M", "M", 2000, 3), variant_of(l_id, "S-L", "L", 1900, 4)};
    (*p.variants)[1].compare_at_price.value = money{2500, "EUR"};
    return p;
  }
  import_product cup(std::int64_t price = 500) {
    import_product p;
    p.product_id = stoa::product_id{home_id.value};
    p.title = "Cup";
    p.sku = "CUP";
    p.price = money{price, "EUR"};
    p.on_hand = 9;
    p.variants.emplace();
    return p;
  }
  import_outcome import(const import_product& p) { return run(p, staff).value().outcome; }
};

}  // namespace stoa::catalog
