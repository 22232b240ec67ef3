#pragma once
// Rules of the store checker about the earlier handles of categories and collections.

#include "tests/support/line_rules.hpp"

namespace stoa::test {

inline constexpr store_rule handle_rules[] = {
    {"an earlier handle is the handle of a resource of its kind",
     R"(SELECT r.kind, r.handle FROM catalog_db.resource_redirects r
        WHERE r.kind = 'category' AND r.handle IN (SELECT handle FROM catalog_db.categories)
          OR r.kind = 'collection' AND r.handle IN (SELECT handle FROM catalog_db.collections))"},
    {"an earlier handle leads to nothing",
     R"(SELECT r.kind, r.handle, hex(r.resource_id) FROM catalog_db.resource_redirects r
        WHERE r.resource_id NOT IN (
          SELECT category_id FROM catalog_db.categories WHERE r.kind = 'category'
          UNION ALL SELECT collection_id FROM catalog_db.collections
          WHERE r.kind = 'collection'))"},
    {"a resource has too many earlier handles",
     R"(SELECT kind, hex(resource_id), count(*) FROM catalog_db.resource_redirects
        GROUP BY 1, 2 HAVING count(*) > 20)"},
};

}  // namespace stoa::test
