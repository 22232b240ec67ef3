// Results of the server: rows, and errors by SQLSTATE.
#include "storage/db/postgres_link.hpp"
#include "storage/db/postgres_types.hpp"

#include <charconv>
#include <string_view>

namespace stoa::db {

namespace {

std::string_view field(const PGresult& result, int code) {
  const char* text = PQresultErrorField(&result, code);
  return text == nullptr ? std::string_view() : text;
}

/// "users.email_folded", and "cart_items.cart_id, cart_items.product_id" for a key of two columns,
/// as in SQLite's messages. The detail is "Key (cart_id, product_id)=(...) already exists." in the
/// server's language; in all languages the first parentheses contain the columns.
std::string unique_columns(const PGresult& result) {
  const std::string table(field(result, PG_DIAG_TABLE_NAME));
  const auto detail = field(result, PG_DIAG_MESSAGE_DETAIL);
  const auto from = detail.find('(');
  const auto to = detail.find(")=(");
  if (table.empty() || from == std::string_view::npos || to == std::string_view::npos) {
    return std::string(field(result, PG_DIAG_CONSTRAINT_NAME));
  }
  std::string names = table + "." + std::string(detail.substr(from + 1, to - from - 1));
  for (auto at = names.find(", "); at != std::string::npos; at = names.find(", ", at + 2)) {
    names.insert(at + 2, table + ".");
  }
  return names;
}

std::string constraint_of(const PGresult& result, std::string_view state) {
  if (state == "23505") return unique_columns(result);
  const auto column = field(result, PG_DIAG_COLUMN_NAME);
  if (state == "23502" && !column.empty()) {
    return std::string(field(result, PG_DIAG_TABLE_NAME)) + "." + std::string(column);
  }
  return std::string(field(result, PG_DIAG_CONSTRAINT_NAME));
}

error_kind kind_of(std::string_view state, bool may_be_stale) {
  struct rule {
    std::string_view prefix;
    error_kind kind;
  };
  // https://www.postgresql.org/docs/15/errcodes-appendix.html; the first match applies.
  static constexpr rule rules[] = {
      {"23505", error_kind::unique},      {"23", error_kind::constraint},
      {"22021", error_kind::constraint},  // a text that is not UTF-8
      {"22003", error_kind::constraint},  // a number outside the column's range
      {"22001", error_kind::constraint},  // a text too long for the column
      {"40003", error_kind::unknown},  // distributed engines: the outcome of the commit is unknown
      {"40", error_kind::conflict},    // serialisation failure, deadlock
      {"55P03", error_kind::busy},     // lock_timeout
      {"57014", error_kind::busy},     // statement_timeout
      {"25006", error_kind::unavailable},  // the server has become a replica
      {"25P03", error_kind::unavailable},  // idle in a transaction for too long
      {"08", error_kind::unavailable},     // connection
      {"28", error_kind::unavailable},     // not allowed to connect
      {"53", error_kind::unavailable},     // disk full, out of memory, too many connections
      {"57P", error_kind::unavailable},    // shutting down, starting up, crashed
      {"58", error_kind::unavailable},     // input/output
      {"XX", error_kind::unavailable},     // internal, corrupted data
  };
  if (may_be_stale && state == "22012") return error_kind::stale;
  if (state.empty()) return error_kind::unavailable;  // from libpq: the connection is lost
  for (const auto& r : rules) {
    if (state.starts_with(r.prefix)) return r.kind;
  }
  return error_kind::programming;
}

/// "cached plan must not change result type": a migration has changed a column's type. Detected by
/// the function's name, because the message is in the server's language.
bool plan_is_outdated(const PGresult& result) {
  return field(result, PG_DIAG_SQLSTATE) == "0A000" &&
         field(result, PG_DIAG_SOURCE_FUNCTION) == "RevalidateCachedQuery";
}

template <class Number>
std::optional<Number> number(std::string_view text) {
  Number n{};
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (failed != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return n;
}

value read_value(Oid type, std::string_view text) {
  switch (type) {
    case oid_bool:
      return std::int64_t{text == "t"};
    case oid_int2:
    case oid_int4:
    case oid_int8:
    case oid_oid:
      if (auto n = number<std::int64_t>(text)) return *n;
      break;
    case oid_float4:
    case oid_float8:
    case oid_numeric:  // The type of sum(bigint); SQLite returns an integer.
      if (type == oid_numeric) {
        if (auto n = number<std::int64_t>(text)) return *n;
      }
      if (auto n = number<double>(text)) return *n;
      break;
    case oid_uuid:
      if (auto u = uuid::parse(text)) return *u;
      break;
    default:
      break;
  }
  return std::string(text);
}

}  // namespace

error postgres_error(const PGresult& result, const std::string& where, bool may_be_stale) {
  const auto state = field(result, PG_DIAG_SQLSTATE);
  const auto kind = plan_is_outdated(result) ? error_kind::conflict : kind_of(state, may_be_stale);
  if (kind == error_kind::stale) return {kind, where, where + ": the record has changed"};
  // The message without its detail, which contains the row's values.
  std::string text(field(result, PG_DIAG_MESSAGE_PRIMARY));
  if (text.empty()) text = in_one_line(PQresultErrorMessage(&result));
  if (state == "26000") text += " (through PgBouncer, turn prepared statements off)";
  if (!state.empty()) text += " [" + std::string(state) + "]";
  return {kind, constraint_of(result, state), where + ": " + text};
}

bool ends_connection(const PGresult& result) {
  const auto severity = field(result, PG_DIAG_SEVERITY_NONLOCALIZED);
  return severity == "FATAL" || severity == "PANIC" || field(result, PG_DIAG_SQLSTATE).empty();
}

bool exceeds_time(const PGresult& result) {
  return field(result, PG_DIAG_SQLSTATE) == "57014";
}

bool spoils_connection(const PGresult& result) {
  const auto state = field(result, PG_DIAG_SQLSTATE);
  return state == "25006" || state == "26000" || plan_is_outdated(result);
}

value read_postgres_value(const PGresult& result, int row_number, int column) {
  if (PQgetisnull(&result, row_number, column) == 1) return std::monostate{};
  const auto size = static_cast<std::size_t>(PQgetlength(&result, row_number, column));
  return read_value(PQftype(&result, column), {PQgetvalue(&result, row_number, column), size});
}

void read_postgres_row(const PGresult& result, int row_number, std::vector<value>& out) {
  const int columns = PQnfields(&result);
  out.resize(static_cast<std::size_t>(columns));
  for (int i = 0; i < columns; ++i) {
    out[static_cast<std::size_t>(i)] = read_postgres_value(result, row_number, i);
  }
}

}  // namespace stoa::db
