#include "storage/catalog/reference_store.hpp"

namespace stoa::catalog {

namespace {

const std::string named_products =
    "SELECT p.product_id,p.parent_product_id,p.handle,q.handle,p.options,p.status,s.sellable"
    " FROM products p JOIN inventory s ON s.product_id=p.product_id"
    " LEFT JOIN products q ON q.product_id=p.parent_product_id";
const db::sql named_by_id{"named product by id", named_products + " WHERE p.product_id=$1"};
const db::sql named_by_handle{"named product by handle", named_products + " WHERE p.handle=$1"};
const db::sql named_by_sku{"named product by sku", named_products + " WHERE p.sku=$1"};
const db::sql named_variants{"named variants of product",
                             named_products +
                                 " WHERE p.parent_product_id=$1 AND p.status<>'Deleted'"
                                 " ORDER BY p.row_number"};

}  // namespace

db::gathering::found<reference_row> ask_by_id(db::gathering& all, stoa::product_id id) {
  return all.ask<reference_row>(named_by_id, db::params(id));
}

db::gathering::found<reference_row> ask_by_handle(db::gathering& all, const std::string& handle) {
  return all.ask<reference_row>(named_by_handle, db::params(handle));
}

db::gathering::found<reference_row> ask_by_sku(db::gathering& all, const std::string& sku) {
  return all.ask<reference_row>(named_by_sku, db::params(sku));
}

db::gathering::found<reference_row> ask_variants(db::gathering& all, stoa::product_id parent) {
  return all.ask<reference_row>(named_variants, db::params(parent));
}

}  // namespace stoa::catalog
