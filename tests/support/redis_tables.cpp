#include "tests/support/redis_tables.hpp"

#include "storage/cart/cart_redis.hpp"
#include "storage/kernel/kernel_records.hpp"

#include <algorithm>
#include <sstream>
#include <stdexcept>

namespace stoa::test {

namespace {

using rows = std::vector<std::vector<db::value>>;

/// ARGV: the pattern of the keys. All strings, and the values of all fields of hashes.
constexpr const char* all_records = R"lua(#!lua flags=no-writes
local found = {}
for _, key in ipairs(redis.call('KEYS', ARGV[1])) do
  if redis.call('TYPE', key).ok == 'string' then
    found[#found + 1] = redis.call('GET', key)
  else
    for _, value in ipairs(redis.call('HVALS', key)) do found[#found + 1] = value end
  end
end
return found
)lua";

template <class R>
void add_row(rows& all, const R& record) {
  db::write_record(record, all.emplace_back());
}

std::vector<std::string> words_of(std::string text) {
  std::replace(text.begin(), text.end(), ',', ' ');
  std::istringstream in(text);
  std::vector<std::string> words;
  for (std::string word; in >> word;) words.push_back(word);
  return words;
}

struct table {
  std::string keys;  ///< pattern for all_records
  std::vector<std::string> columns;
  std::function<void(const std::string& record, rows&)> read;
};

table table_of(const std::string& name) {
  const auto cart = db::redis_stored<cart::stored_cart>;
  if (name == "carts") {
    return {"{stoa:cart}:cart:*", words_of(db::column_list<cart::cart_row>()),
            [cart](const std::string& record, rows& all) { add_row(all, cart(record).cart); }};
  }
  if (name == "cart_items") {
    return {"{stoa:cart}:cart:*", words_of(db::column_list<cart::cart_item_row>()),
            [cart](const std::string& record, rows& all) {
              for (const auto& line : cart(record).lines) add_row(all, line);
            }};
  }
  if (name == "inbox") {
    return {"{stoa:cart}:inbox", words_of(db::column_list<kernel::inbox_row>()),
            [](const std::string& record, rows& all) {
              add_row(all, db::redis_stored<kernel::inbox_row>(record));
            }};
  }
  if (name == "outbox") return {"{stoa:cart}:no-such-key", {}, {}};
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

void answer_of(const db::statement& s, const db::redis_answer& records,
               const db::redis_sink& sink) {
  const auto asked = query_of(s);
  rows all;
  for (const auto& record : records.items) asked.from.read(record.text, all);
  if (asked.columns.at(0) == "count(*)") {
    db::value count = static_cast<std::int64_t>(all.size());
    return sink({&count, 1});
  }
  rows chosen;
  for (const auto& one : all) {
    auto& row = chosen.emplace_back();
    for (const auto& column : asked.columns) {
      const auto at = std::find(asked.from.columns.begin(), asked.from.columns.end(), column);
      row.push_back(one.at(static_cast<std::size_t>(at - asked.from.columns.begin())));
    }
  }
  std::sort(chosen.begin(), chosen.end());
  for (auto& row : chosen) sink(row);
}

}  // namespace

void add_test_queries(db::redis_handlers& on) {
  on.queries["test"] = {[](const db::statement& s) {
                          return db::redis_command{"EVAL", all_records, "0", query_of(s).from.keys};
                        },
                        &answer_of};
}

}  // namespace stoa::test
