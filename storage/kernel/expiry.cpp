#include "storage/kernel/expiry.hpp"

namespace stoa::kernel {

namespace {

/// PostgreSQL deletes by ctid. With IN it would estimate a tenth of the table regardless of the
/// limit, and scan the table.
std::string text_of(bool postgres, const std::string& table, const std::string& key,
                    const std::string& position, const std::string& range,
                    const std::string& also) {
  const std::string found = "SELECT " + (postgres ? std::string("ctid") : key) + " FROM " + table +
                            " WHERE " + range + position + ">=$1 AND " + position +
                            "<$2 ORDER BY " + position + " LIMIT $3";
  return "DELETE FROM " + table + " WHERE " +
         (postgres ? "ctid=ANY(ARRAY(" + found + "))" : "(" + key + ") IN (" + found + ")") + also +
         " RETURNING " + position;
}

}  // namespace

expiry expiry_of(const std::string& table, const std::string& key, const std::string& position,
                 const std::string& range, const std::string& also) {
  const std::string name = "delete expired " + table;
  return {table,
          {name, text_of(false, table, key, position, range, also)},
          {name, text_of(true, table, key, position, range, also)}};
}

const expiry expired_answers = expiry_of("idempotency", "rowid", "created_at");
const expiry expired_inbox =
    expiry_of("inbox", "event_id", "seq", "source=$4 AND ", " AND applied_at<$5");

}  // namespace stoa::kernel
