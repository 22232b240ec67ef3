#pragma once
// What a service's statements mean in Redis: for each name a handler that turns the statement into
// commands. Used by the services' adapters (storage/kernel/kernel_redis.hpp,
// storage/cart/cart_redis.hpp). Records are JSON (storage/base/json.hpp).

#include "storage/db/columns.hpp"
#include "storage/db/redis_client.hpp"

#include <functional>
#include <map>
#include <set>

namespace stoa::db {

/// The conditions and the writes of one transaction, executed by one script: first all conditions,
/// which see the database as it was before the transaction, then all writes in their order. When a
/// condition does not hold, nothing is written.
class redis_changes {
 public:
  /// The command, which only reads, must answer `expected` (nil is "false"): else the commit throws
  /// an error of the kind with the name. What is `unique` can be expected once; throws otherwise.
  void expect(const redis_command& command, const std::string& expected, error_kind kind,
              const std::string& name);
  /// A command that cannot fail once the conditions hold.
  void write(const redis_command& command) { add("", "", "", command); }

  bool empty() const { return words_.empty(); }
  /// The script, which answers {"", the last write's answer} or {the error's kind, its name}.
  /// Throws error(programming) when it has more words than Redis takes.
  redis_command take();
  void clear();

 private:
  void add(const std::string& kind, const std::string& name, const std::string& expected,
           const redis_command& command);

  std::vector<std::string> words_;
  std::set<redis_command> created_;
};

using redis_sink = std::function<void(row)>;
using redis_asker = std::function<redis_command(const statement&)>;
using redis_emitter = std::function<void(const statement&, const redis_answer&, const redis_sink&)>;
using redis_change = std::function<void(const statement&, redis_changes&)>;

/// A statement that reads, or that writes and returns rows.
struct redis_query {
  redis_asker ask;       ///< the command that it needs; one without words: none
  redis_emitter answer;  ///< makes rows of its answer, which is no error
};

/// The words with the statement's parameters in place of $1, $2, ..., and `record` of $0. A
/// parameter becomes text, the digits of an integer, or a UUID's usual form; throws
/// error(programming) for any other, or when it is missing.
redis_command redis_bound(const statement& s, redis_command form, std::string_view record = {});
/// A command of this form.
redis_asker redis_form(redis_command form);
/// Writes of these forms.
redis_change redis_writes(std::vector<redis_command> forms);

/// The record that an insert or an update saves.
template <class R>
R redis_record(const statement& s) {
  auto values = s.params;
  if (s.what->shape->operation == record_operation::update) {
    // The key stands behind the other columns, and the version that was loaded behind the key.
    values.resize(s.what->shape->columns.size());
    std::rotate(values.begin(), values.end() - R::key_columns, values.end());
  }
  return read_record<R>(values);
}

/// Writes a record as $0. `count` says how many there are of its key: none when it is inserted, one
/// when it is updated, else an error of the kind (unique or stale) with the name.
template <class R>
redis_change redis_save(const redis_command& count, error_kind kind, const std::string& name,
                        const std::vector<redis_command>& forms) {
  return [=](const statement& s, redis_changes& changes) {
    changes.expect(redis_bound(s, count), kind == error_kind::unique ? "0" : "1", kind, name);
    const auto record = json::write(redis_record<R>(s));
    for (const auto& form : forms) changes.write(redis_bound(s, form, record));
  };
}

/// A record that was stored as JSON. Throws error(programming) for any other text.
template <class R>
R redis_stored(const std::string& text) {
  if (auto found = json::read_lenient<R>(text)) return std::move(*found);
  throw error(error_kind::programming, "", "a record in Redis cannot be read: not written by Stoa");
}

template <class R>
void redis_emit(const R& record, const redis_sink& sink) {
  std::vector<value> columns;
  write_record(record, columns);
  sink(columns);
}

/// Answers with records: a text, or a list of texts, without the first `skipped` bytes of each.
template <class R>
redis_emitter redis_records(std::size_t skipped = 0) {
  return [skipped](const statement&, const redis_answer& a, const redis_sink& sink) {
    const bool list = a.kind == redis_answer::type::list;
    for (const auto& one : list ? std::span(a.items) : std::span(&a, 1)) {
      if (one.kind != redis_answer::type::text) continue;
      redis_emit(redis_stored<R>(one.text.substr(std::min(skipped, one.text.size()))), sink);
    }
  };
}

/// Answers with rows of so many columns as `types` has letters, which a list has one after the
/// other: 't' text, 'i' an integer, 'u' a UUID, '-' no column. An answer that is no list is a row
/// of one column; nil is no row. What cannot be read as its type throws error(programming).
redis_emitter redis_rows(std::string types);

/// All handlers of a connection, by the statement's name.
struct redis_handlers {
  std::map<std::string, redis_query> queries;
  std::map<std::string, redis_change> changes;
  /// Called before a transaction's changes are sent, to add those that were gathered.
  std::function<void(redis_changes&)> save = [](redis_changes&) {};
  /// Called when a transaction begins or ends: what was remembered from reading is out of date.
  std::function<void()> forget = [] {};
};

}  // namespace stoa::db
