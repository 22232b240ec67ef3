#pragma once
// What a service's statements mean in Redis: for each name a handler that turns the statement into
// commands or changes. Used by the services' adapters (storage/kernel/kernel_redis.hpp,
// storage/cart/cart_redis.hpp).

#include "storage/db/redis_client.hpp"

#include <functional>
#include <initializer_list>
#include <map>

namespace stoa::db {

/// Columns as text that says its types: "n;" NULL, "i-5;" integer, "d0x1p+0;" real number, "u" and
/// 32 hexadecimal digits and ";" UUID, "s3:abc;" text with its length in bytes.
std::string encode_columns(std::span<const value> columns);
/// Throws error(programming) for any other text: somebody else has written there.
std::vector<value> decode_columns(std::string_view text);

/// The changes of one transaction in their order. Conditions see what the changes before them do;
/// when one does not hold, nothing of the transaction happens and the commit throws its error.
class redis_changes {
 public:
  // On fields of hashes.
  /// A field that must not be there yet: else error(unique, name).
  void create(const std::string& hash, const std::string& field, std::string content,
              const std::string& name);
  void set(const std::string& hash, const std::string& field, std::string content);
  void remove(const std::string& hash, const std::string& field);
  /// The field must be there and start with `prefix`: else an error of the kind.
  void require(const std::string& hash, const std::string& field, const std::string& prefix,
               error_kind kind, const std::string& name);
  /// The field must have exactly this content: else an error of the kind.
  void require_same(const std::string& hash, const std::string& field, const std::string& content,
                    error_kind kind, const std::string& name);
  /// The hash must have no field any more: else error(constraint, name).
  void require_empty(const std::string& hash, const std::string& name);
  /// The changes that `inner` adds are left out unless the field has exactly this content.
  void only_if(const std::string& hash, const std::string& field, const std::string& content,
               const std::function<void(redis_changes&)>& inner);

  /// A string that must not be there yet, gone after the time: else error(unique, name).
  void create_text(const std::string& key, std::string content, milliseconds life,
                   const std::string& name);
  /// A member of a sorted set whose score must be new: else error(unique, name).
  void create_ranked(const std::string& set, std::int64_t score, std::string member,
                     const std::string& name);
  /// A command that cannot fail, after all changes to hashes: for indexes and expiry.
  void afterwards(std::vector<std::string> words);

  bool empty() const { return words_.empty(); }
  /// The script with all changes. Throws error(programming) when they are more than Redis takes.
  redis_command take();
  void clear() { words_.clear(); }

  /// The script that does them.
  static const redis_script& script();

 private:
  void add(std::initializer_list<std::string_view> words);

  std::vector<std::string> words_;
};

/// A statement that reads.
struct redis_query {
  /// Adds the commands that it needs, maybe none.
  std::function<void(const statement&, std::vector<redis_command>&)> ask;
  /// Makes rows of their answers, none of which is an error.
  std::function<void(const statement&, std::span<redis_answer>, const std::function<void(row)>&)>
      answer;
};

/// A statement that changes something.
using redis_change = std::function<void(const statement&, redis_changes&)>;

/// A parameter of the type; throws error(programming) for any other, or when it is missing.
template <class T>
const T& redis_param(const statement& s, std::size_t index) {
  if (index < s.params.size()) {
    if (const auto* found = std::get_if<T>(&s.params[index])) return *found;
  }
  throw error(error_kind::programming, s.what->name,
              s.what->name + ": parameter " + std::to_string(index + 1) + " has another type");
}

/// The value of that column among an insert's parameters; throws error(programming) when there is
/// none, or of another type.
template <class T>
const T& redis_column(const statement& s, std::string_view column) {
  const auto* shape = s.what->shape;
  std::size_t at = 0;
  while (shape != nullptr && at < shape->columns.size() && shape->columns[at] != column) ++at;
  return redis_param<T>(s, shape != nullptr ? at : s.params.size());
}

/// All handlers of a connection, by the statement's name.
class redis_handlers {
 public:
  void on(const std::string& statement_name, redis_query handler);
  void on(const std::string& statement_name, redis_change handler);
  /// A script that commands use.
  void use(const redis_script& script) { scripts_.push_back(&script); }
  /// Called when a transaction begins or ends: what was remembered from reading is out of date.
  void on_forget(std::function<void()> handler) { forget_.push_back(std::move(handler)); }

  /// Throws error(programming) with the statement's name when it has no handler.
  const redis_query& query(const sql& what) const;
  const redis_change& change(const sql& what) const;
  const std::vector<const redis_script*>& scripts() const { return scripts_; }
  void forget() const;

 private:
  std::map<std::string, redis_query> queries_;
  std::map<std::string, redis_change> changes_;
  std::vector<const redis_script*> scripts_;
  std::vector<std::function<void()>> forget_;
};

}  // namespace stoa::db
