#pragma once
// Rules of the store checker about the lines of orders, the carts of purchases in one request, and
// saved payment methods.

namespace stoa::test {

/// A rule and a query for its violations.
struct store_rule {
  const char* what;
  const char* sql;
  bool quiet_only = false;  ///< may be violated while work is in progress
};

inline constexpr store_rule line_rules[] = {
    {"an order has two items of a product with the same properties",
     R"(SELECT hex(order_id), hex(product_id) FROM order_db.order_items
        WHERE cart_item_id IS NOT NULL
        GROUP BY order_id, product_id, coalesce(properties,'{}') HAVING count(*) > 1)"},
    {"an order has more units than the product's maximum",
     R"(SELECT l.oid, hex(l.product_id), l.quantity FROM line l
        JOIN catalog_db.products p ON p.product_id = l.product_id
        LEFT JOIN catalog_db.products q ON q.product_id = p.parent_product_id
        WHERE l.quantity > CASE
          WHEN coalesce(p.quantity_min, p.quantity_max, p.quantity_step) IS NULL
          THEN q.quantity_max ELSE p.quantity_max END)"},
    {"the cart of a purchase in one request is left",
     R"(SELECT o.oid FROM o JOIN cart_db.carts c ON c.cart_id = o.cart_id
        WHERE o.bought AND c.for_purchase = 1)",
     true},
    {"a payment method is saved for an account that does not exist",
     R"(SELECT hex(payment_method_id) FROM payment_db.saved_payment_methods
        WHERE expires_at IS NULL AND user_id NOT IN (SELECT user_id FROM user_db.users))",
     true},
    {"a user has several default payment methods",
     R"(SELECT hex(user_id), count(*) FROM payment_db.saved_payment_methods
        WHERE is_default = 1 GROUP BY user_id HAVING count(*) > 1)"},
    {"a saved payment method is being removed at its gateway",
     R"(SELECT hex(s.payment_method_id) FROM payment_db.saved_payment_methods s
        JOIN payment_db.method_operations m ON m.payment_method_id = s.payment_method_id
        WHERE s.expires_at IS NULL)"},
    {"a saved payment method has no customer at its gateway",
     R"(SELECT hex(s.payment_method_id) FROM payment_db.saved_payment_methods s
        WHERE s.expires_at IS NULL AND s.gateway IN ('stripe', 'paypal') AND (s.customer_id IS NULL
          OR NOT EXISTS (SELECT 1 FROM payment_db.gateway_customers c WHERE c.user_id = s.user_id
                         AND c.gateway = s.gateway AND c.customer_id IS NOT NULL)))"},
    {"a saved payment method cannot be found by its gateway's token",
     R"(SELECT hex(payment_method_id) FROM payment_db.saved_payment_methods
        WHERE expires_at IS NULL AND gateway = 'paypal' AND token_key = '')"},
    {"a user has saved a gateway's token twice",
     R"(SELECT hex(user_id), gateway, count(*) FROM payment_db.saved_payment_methods
        WHERE expires_at IS NULL AND token_key <> ''
        GROUP BY user_id, gateway, token_key HAVING count(*) > 1)"},
    {"a customer at a gateway is left of an account that does not exist",
     R"(SELECT hex(user_id), gateway FROM payment_db.gateway_customers
        WHERE removing = 0 AND user_id NOT IN (SELECT user_id FROM user_db.users))",
     true},
};

}  // namespace stoa::test
