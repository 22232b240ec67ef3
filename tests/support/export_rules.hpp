#pragma once
// Rules of the store checker about exports as jobs.

#include "tests/support/line_rules.hpp"

namespace stoa::test {

inline constexpr store_rule export_rules[] = {
    {"an export does not have the parts of its file",
     R"(SELECT hex(e.export_id), e.state, e.file_parts, e.parts_deleted, e.file_bytes
        FROM catalog_db.exports e
        LEFT JOIN (SELECT export_id, count(*) AS parts, min(number) AS first, max(number) AS last,
                     sum(length(CAST(content AS BLOB))) AS bytes
                   FROM catalog_db.export_parts GROUP BY export_id) p USING(export_id)
        WHERE coalesce(p.parts, 0) <> e.file_parts - e.parts_deleted
          OR e.has_parts <> (coalesce(p.parts, 0) > 0)
          OR (p.parts > 0 AND (p.first <> e.parts_deleted OR p.last <> e.file_parts - 1))
          OR (e.parts_deleted = 0 AND coalesce(p.bytes, 0) <> e.file_bytes)
          OR (e.state = 'queued' AND e.file_parts > 0)
          OR (e.state = 'completed' AND e.file_parts = 0)
          OR (e.parts_deleted > 0 AND e.state IN ('queued', 'running', 'completed')))"},
    {"an export is open in a state of its end, or the reverse",
     R"(SELECT hex(export_id), state FROM catalog_db.exports
        WHERE is_open <> (state IN ('queued', 'running'))
          OR (expires_at IS NULL) <> (state NOT IN ('completed', 'expired')))"},
    {"parts of an export that does not exist",
     R"(SELECT DISTINCT hex(export_id) FROM catalog_db.export_parts p
        WHERE NOT EXISTS(SELECT 1 FROM catalog_db.exports e WHERE e.export_id = p.export_id))"},
};

}  // namespace stoa::test
