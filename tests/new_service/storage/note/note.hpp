#pragma once
// The Note service's records.

#include "storage/db/records.hpp"

namespace stoa::note {

/// One note for each order.
struct note_row {
  static constexpr const char* table = "notes";
  static constexpr std::size_t key_columns = 1;
  stoa::order_id order_id;
  std::string text;
  std::int64_t version = 0;
};
BOOST_DESCRIBE_STRUCT(note_row, (), (order_id, text, version))

using note_records = db::unit_of_work<note_row>;

}  // namespace stoa::note
