#pragma once
// Rules of the store checker about the stock by location.

#include "tests/support/line_rules.hpp"

namespace stoa::test {

/// The units that are reserved at each location, by the allocations of reservations and holds.
inline constexpr const char* prepare_levels = R"(CREATE TEMP TABLE allocated AS
  SELECT product_id, loc, sum(units) AS units FROM (
    SELECT r.product_id, json_extract(a.value,'$.location_id') AS loc,
      json_extract(a.value,'$.quantity') AS units
    FROM catalog_db.reservations r, json_each(r.allocations) a WHERE r.status = 'Active'
    UNION ALL SELECT h.product_id, json_extract(a.value,'$.location_id'),
      json_extract(a.value,'$.quantity')
    FROM catalog_db.stock_holds h, json_each(h.allocations) a)
  GROUP BY product_id, loc)";

inline constexpr store_rule level_rules[] = {
    {"stock at a location is not the sum of its ledger",
     R"(WITH l AS (SELECT product_id, location_id, sum(on_hand_change) AS on_hand,
                     sum(reserved_change) AS reserved
                   FROM catalog_db.stock_ledger WHERE location_id IS NOT NULL GROUP BY 1, 2)
        SELECT hex(s.product_id), hex(s.location_id), s.on_hand, l.on_hand, s.reserved, l.reserved
        FROM catalog_db.stock_levels s LEFT JOIN l USING(product_id, location_id)
        WHERE s.on_hand IS NOT l.on_hand OR s.reserved IS NOT l.reserved
        UNION ALL SELECT hex(l.product_id), hex(l.location_id), 0, l.on_hand, 0, l.reserved
        FROM l LEFT JOIN catalog_db.stock_levels s USING(product_id, location_id)
        WHERE s.product_id IS NULL AND (l.on_hand <> 0 OR l.reserved <> 0))"},
    {"reserved units at a location are not those of its allocations",
     R"(SELECT hex(s.product_id), hex(s.location_id), s.reserved, a.units
        FROM catalog_db.stock_levels s LEFT JOIN allocated a ON a.product_id = s.product_id
          AND upper(replace(a.loc,'-','')) = hex(s.location_id)
        WHERE s.reserved <> coalesce(a.units,0)
        UNION ALL SELECT hex(a.product_id), a.loc, 0, a.units FROM allocated a
        WHERE NOT EXISTS(SELECT 1 FROM catalog_db.stock_levels s
                         WHERE s.product_id = a.product_id
                           AND hex(s.location_id) = upper(replace(a.loc,'-',''))))"},
    {"allocations are more than the units of the order",
     R"(SELECT hex(r.order_id), r.quantity, r.allocations FROM catalog_db.reservations r
        WHERE r.quantity < (SELECT coalesce(sum(json_extract(a.value,'$.quantity')),0)
                            FROM json_each(r.allocations) a))"},
    {"units sold from a location are not those of its ledger",
     R"(WITH booked AS (
          SELECT hex(product_id) AS product, upper(replace(reference,'-','')) AS id,
            hex(location_id) AS loc, -sum(on_hand_change) AS units FROM catalog_db.stock_ledger
          WHERE location_id IS NOT NULL AND reference IS NOT NULL
          GROUP BY 1, 2, 3 HAVING sum(on_hand_change) <> 0),
        sold AS (
          SELECT hex(r.product_id) AS product, hex(r.order_id) AS id,
            upper(replace(json_extract(a.value,'$.location_id'),'-','')) AS loc,
            sum(json_extract(a.value,'$.quantity') * r.sign) AS units
          FROM (SELECT order_id, product_id, allocations, 1 AS sign FROM catalog_db.reservations
                WHERE status = 'Sold'
                UNION ALL SELECT s.order_id, s.product_id, json_extract(b.value,'$.allocations'), -1
                FROM catalog_db.reservations s, json_each(s.restocks) b
                WHERE s.status = 'Sold') r
          JOIN catalog_db.inventory i ON i.product_id = r.product_id AND i.tracked = 1,
            json_each(r.allocations) a
          GROUP BY 1, 2, 3 HAVING sum(json_extract(a.value,'$.quantity') * r.sign) <> 0)
        SELECT * FROM (SELECT * FROM booked EXCEPT SELECT * FROM sold)
        UNION ALL SELECT * FROM (SELECT * FROM sold EXCEPT SELECT * FROM booked))"},
    {"stock at locations is not part of the stock",
     R"(SELECT hex(i.product_id), i.located, i.reserved FROM catalog_db.inventory i
        WHERE i.located <> EXISTS(SELECT 1 FROM catalog_db.stock_levels s
                                  WHERE s.product_id = i.product_id)
          OR i.reserved < (SELECT coalesce(sum(s.reserved),0) FROM catalog_db.stock_levels s
                           WHERE s.product_id = i.product_id))"},
};

/// Units that were sold from other locations than the default one.
inline constexpr const char* units_sold_elsewhere =
    R"(SELECT coalesce(sum(json_extract(a.value,'$.quantity')),0)
       FROM catalog_db.reservations r, json_each(r.allocations) a WHERE r.status = 'Sold')";

}  // namespace stoa::test
