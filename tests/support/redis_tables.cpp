#include "tests/support/redis_tables.hpp"

#include "storage/cart/cart.hpp"
#include "storage/kernel/kernel_records.hpp"

#include <algorithm>
#include <sstream>
#include <stdexcept>

namespace stoa::test {

namespace {

/// ARGV: the pattern of the keys, and of the fields that hold records.
const db::redis_script all_records{R"lua(#!lua flags=no-writes
local found = {}
for _, key in ipairs(redis.call('KEYS', ARGV[1])) do
  local fields = redis.call('HGETALL', key)
  for i = 1, #fields, 2 do
    if string.match(fields[i], ARGV[2]) then found[#found + 1] = fields[i + 1] end
  end
end
return found
)lua"};

std::vector<std::string> words_of(std::string text) {
  std::replace(text.begin(), text.end(), ',', ' ');
  std::istringstream in(text);
  std::vector<std::string> words;
  for (std::string word; in >> word;) words.push_back(word);
  return words;
}

struct table {
  std::vector<std::string> keys_and_fields;  ///< patterns for all_records
  std::vector<std::string> columns;
};

table table_of(const std::string& name) {
  if (name == "carts") {
    return {{"{stoa:cart}:cart:*", "^record$"}, words_of(db::column_list<cart::cart_row>())};
  }
  if (name == "cart_items") {
    return {{"{stoa:cart}:cart:*", "^line:"}, words_of(db::column_list<cart::cart_item_row>())};
  }
  if (name == "inbox") {
    return {{"{stoa:cart}:inbox", "."}, words_of(db::column_list<kernel::inbox_row>())};
  }
  if (name == "outbox") return {{"{stoa:cart}:no-such-key", "."}, {}};
  throw std::runtime_error("no table " + name + " in Redis");
}

struct query {
  std::vector<std::string> columns;
  table from;
};

query query_of(const db::statement& s) {
  auto words = words_of(s.what->text);
  const auto from = std::find(words.begin(), words.end(), "FROM");
  if (words.at(0) != "SELECT" || from == words.end() || from + 1 == words.end()) {
    throw std::runtime_error("tests do not ask Redis " + s.what->text);
  }
  return {{words.begin() + 1, from}, table_of(*(from + 1))};
}

void answer_of(const db::statement& s, std::span<db::redis_answer> answers,
               const std::function<void(db::row)>& sink) {
  const auto asked = query_of(s);
  const auto& records = answers[0].items;
  if (asked.columns.at(0) == "count(*)") {
    db::value count = static_cast<std::int64_t>(records.size());
    return sink({&count, 1});
  }
  std::vector<std::vector<db::value>> rows;
  for (const auto& record : records) {
    std::string_view text = record.text;
    if (text.starts_with('v')) text.remove_prefix(text.find(';') + 1);
    auto all = db::decode_columns(text);
    auto& row = rows.emplace_back();
    for (const auto& column : asked.columns) {
      const auto at = std::find(asked.from.columns.begin(), asked.from.columns.end(), column);
      row.push_back(all.at(static_cast<std::size_t>(at - asked.from.columns.begin())));
    }
  }
  std::sort(rows.begin(), rows.end());
  for (auto& row : rows) sink(row);
}

}  // namespace

void add_test_queries(db::redis_handlers& on) {
  on.use(all_records);
  on.on("test", {[](const db::statement& s, std::vector<db::redis_command>& out) {
                   const auto patterns = query_of(s).from.keys_and_fields;
                   out.push_back({{"0", patterns[0], patterns[1]}, &all_records});
                 },
                 &answer_of});
}

}  // namespace stoa::test
