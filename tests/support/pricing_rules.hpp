#pragma once
// Queries of the store checker for violations in price lists and taxes.

namespace stoa::test {

inline constexpr const char* wrong_price_counts =
    R"(SELECT hex(l.price_list_id), l.entries FROM pricing_db.price_lists l WHERE l.entries <>
         (SELECT count(*) FROM pricing_db.price_entries e WHERE e.price_list_id = l.price_list_id)
       UNION ALL
       SELECT hex(e.price_list_id), count(*) FROM pricing_db.price_entries e
       WHERE NOT EXISTS(SELECT 1 FROM pricing_db.price_lists l
                        WHERE l.price_list_id = e.price_list_id) GROUP BY e.price_list_id)";

inline constexpr const char* prices_of_deleted_products =
    R"(SELECT hex(e.price_list_id), hex(e.product_id) FROM pricing_db.price_entries e
       JOIN catalog_db.products p ON p.product_id = e.product_id WHERE p.status = 'Deleted')";

inline constexpr const char* shared_price_keys =
    R"(SELECT json_extract(terms, '$.key'), count(*) FROM pricing_db.price_lists
       WHERE deleted = 0 AND json_extract(terms, '$.key') IS NOT NULL
       GROUP BY json_extract(terms, '$.key') HAVING count(*) > 1)";

inline constexpr const char* unrecorded_taxes =
    R"(SELECT hex(d.order_id), d.tax FROM order_db.orders d, json_each(d.price_parts) p
       WHERE json_extract(p.value, '$.kind') LIKE '%tax'
         AND json_extract(p.value, '$.tax_rate_id') IS NULL
         AND json_extract(d.tax, '$.reference') IS NULL)";

}  // namespace stoa::test
