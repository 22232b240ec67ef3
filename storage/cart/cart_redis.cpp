#include "storage/cart/cart_redis.hpp"

#include "storage/cart/cart.hpp"
#include "storage/db/redis_handlers.hpp"
#include "storage/kernel/kernel_redis.hpp"

#include <algorithm>
#include <map>
#include <unordered_map>
#include <unordered_set>

namespace stoa::cart {

namespace {

using db::error_kind;
using db::redis_answer;
using db::redis_changes;
using db::redis_command;
using db::redis_param;
using db::statement;
using db::value;

using answers = std::span<redis_answer>;
using rows = std::function<void(db::row)>;

const std::string prefix = "{stoa:cart}:";
const std::string expiry = prefix + "expiry";
const std::string customers = prefix + "customers";
const std::string cart_prefix = prefix + "cart:";
const std::string record_field = "record";
const std::string line_prefix = "line:";

/// How much longer than its life a guest's cart stays in Redis, for the sweep to remove it in an
/// orderly way.
constexpr milliseconds expiry_slack = std::chrono::hours{24};

/// KEYS: user:<id>; ARGV: the prefix of carts' keys. Answers the ids and whole carts in turn, the
/// newest first.
const db::redis_script carts_of_user{R"lua(#!lua flags=no-writes
local found = {}
for _, id in ipairs(redis.call('ZREVRANGE', KEYS[1], 0, -1)) do
  found[#found + 1] = id
  found[#found + 1] = redis.call('HGETALL', ARGV[1] .. id)
end
return found
)lua"};

/// KEYS: expiry or customers; ARGV: until when, how many at most, the prefix of carts' keys. Carts
/// that Redis has expired itself, because no sweep came, are taken off the list.
const db::redis_script expired_carts{R"lua(#!lua
local found = {}
for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1], 'LIMIT', 0, ARGV[2])) do
  if redis.call('EXISTS', ARGV[3] .. id) == 1 then
    found[#found + 1] = id
  else
    redis.call('ZREM', KEYS[1], id)
  end
end
return found
)lua"};

std::string key_of_cart(stoa::cart_id id) {
  return cart_prefix + id.str();
}
std::string key_of_user(stoa::user_id id) {
  return prefix + "user:" + id.str();
}
/// A product has one line in a cart.
std::string line_field(stoa::product_id id) {
  return line_prefix + id.str();
}
/// What the record of the line starts with.
std::string line_start(stoa::cart_item_id id) {
  const value first = id.value;
  return db::encode_columns({&first, 1});
}
std::string version_prefix(std::int64_t version) {
  return "v" + std::to_string(version) + ";";
}

/// The record's columns, behind the version that a cart's starts with.
std::vector<value> columns_of(std::string_view record) {
  if (record.starts_with('v')) record.remove_prefix(std::min(record.find(';') + 1, record.size()));
  return db::decode_columns(record);
}

/// A cart's columns; those that were added after it was saved have their defaults.
std::vector<value> cart_columns_of(std::string_view record) {
  static const auto fresh = [] {
    std::vector<value> columns;
    db::write_record(cart_row{}, columns);
    return columns;
  }();
  auto columns = columns_of(record);
  for (auto i = columns.size(); i < fresh.size(); ++i) columns.push_back(fresh[i]);
  return columns;
}

uuid uuid_of(std::string_view text) {
  if (auto found = uuid::parse(text)) return *found;
  throw db::error(error_kind::programming, "", "a cart in Redis has a field that is not Stoa's");
}

/// A record from the parameters of its update, where the key stands behind the other columns.
template <class R>
R updated_record(const statement& s, std::size_t columns) {
  if (s.params.size() < columns) {
    throw db::error(error_kind::programming, s.what->name, s.what->name + ": too few parameters");
  }
  std::vector<value> values{s.params[columns - 1]};
  values.insert(values.end(), s.params.begin(),
                s.params.begin() + static_cast<std::ptrdiff_t>(columns - 1));
  return db::read_record<R>(values);
}

template <class R>
R inserted_record(const statement& s) {
  auto values = s.params;
  return db::read_record<R>(values);
}

template <class R>
std::string encoded(const R& record) {
  std::vector<value> values;
  db::write_record(record, values);
  return db::encode_columns(values);
}

std::string encoded_cart(const cart_row& cart) {
  return version_prefix(cart.version) + encoded(cart);
}

/// The rules that are CHECKs in SQL.
void check(bool holds, const std::string& column) {
  if (!holds) throw db::error(error_kind::constraint, column, column + ": out of range");
}
void check_rules(const cart_row& cart) {
  check(cart.revision > 0, "carts.revision");
}
void check_rules(const cart_item_row& line) {
  check(line.quantity >= 1 && line.quantity <= 10'000, "cart_items.quantity");
  check(line.price_when_added.amount >= 0, "cart_items.price_when_added");
}

/// A cart as it was read.
struct cart_image {
  std::string record;  ///< empty: there is no such cart
  std::map<stoa::cart_item_id, cart_item_row> lines;
};

cart_image image_of(const redis_answer& fields) {
  cart_image image;
  for (std::size_t i = 0; i + 1 < fields.items.size(); i += 2) {
    const auto& field = fields.items[i].text;
    if (field == record_field) {
      image.record = fields.items[i + 1].text;
    } else if (field.starts_with(line_prefix)) {
      auto columns = columns_of(fields.items[i + 1].text);
      auto line = db::read_record<cart_item_row>(columns);
      image.lines.emplace(line.cart_item_id, std::move(line));
    }
  }
  return image;
}

/// What a transaction has read, each cart once and whole: its record and its lines are of one
/// moment, and the changes know what they replace.
class cart_images {
 public:
  void forget() {
    asked_.clear();
    carts_.clear();
    homes_.clear();
  }

  void ask_cart(const statement& s, std::vector<redis_command>& out) {
    const stoa::cart_id id{redis_param<uuid>(s, 0)};
    if (asked_.insert(id.value).second) out.push_back({{"HGETALL", key_of_cart(id)}});
  }
  static void ask_user(const statement& s, std::vector<redis_command>& out) {
    const stoa::user_id id{redis_param<uuid>(s, 0)};
    out.push_back({{"1", key_of_user(id), cart_prefix}, &carts_of_user});
  }

  /// The cart that ask_cart asked for, now or before.
  const cart_image& answered(const statement& s, answers found) {
    const auto id = redis_param<uuid>(s, 0);
    if (!found.empty()) keep(id, found[0]);
    return carts_[id];
  }
  void emit_cart(const statement& s, answers found, const rows& sink) {
    emit(answered(s, found).record, sink);
  }
  void emit_lines(const statement& s, answers found, const rows& sink) {
    for (const auto& [id, line] : answered(s, found).lines) {
      std::vector<value> columns;
      db::write_record(line, columns);
      sink(columns);
    }
  }
  void emit_carts_of_user(const statement& s, answers found, const rows& sink) {
    const auto& items = found[0].items;
    for (std::size_t i = 0; i + 1 < items.size(); i += 2) {
      const auto id = uuid_of(items[i].text);
      asked_.insert(id);
      keep(id, items[i + 1]);
      const auto& record = carts_[id].record;
      if (record.empty()) continue;
      auto columns = cart_columns_of(record);
      // It may have been read before it was the user's.
      if (columns.size() > 1 && columns[1] == s.params[0]) sink(columns);
    }
  }

  /// The cart as it was loaded; throws when it was not.
  const cart_image& loaded(const statement& s, stoa::cart_id id) const {
    if (const auto it = carts_.find(id.value); it != carts_.end()) return it->second;
    throw db::error(error_kind::programming, s.what->name,
                    s.what->name + ": not loaded in this transaction");
  }
  /// The cart whose line it is; throws when it was not loaded.
  stoa::cart_id home_of(const statement& s, stoa::cart_item_id line) const {
    if (const auto it = homes_.find(line.value); it != homes_.end()) return {it->second};
    throw db::error(error_kind::programming, s.what->name,
                    s.what->name + ": not loaded in this transaction");
  }

 private:
  void keep(const uuid& id, const redis_answer& fields) {
    const auto [it, added] = carts_.try_emplace(id);
    if (!added) return;
    it->second = image_of(fields);
    for (const auto& [line, row] : it->second.lines) homes_.emplace(line.value, id);
  }
  static void emit(const std::string& record, const rows& sink) {
    if (record.empty()) return;
    auto columns = cart_columns_of(record);
    sink(columns);
  }

  std::unordered_set<uuid> asked_;
  std::unordered_map<uuid, cart_image> carts_;
  std::unordered_map<uuid, uuid> homes_;  ///< of each line its cart
};

void date_cart(const cart_row& cart, redis_changes& changes) {
  changes.afterwards({"ZADD", customers, std::to_string(cart.updated_at.us), cart.cart_id.str()});
}

void list_cart(const cart_row& cart, redis_changes& changes) {
  const auto id = cart.cart_id.str();
  if (cart.user_id) {
    changes.afterwards(
        {"ZADD", key_of_user(*cart.user_id), std::to_string(cart.created_at.us), id});
    date_cart(cart, changes);
    return;
  }
  // Relative to the change, so that it does not matter when the clocks differ.
  const auto life = std::chrono::ceil<milliseconds>(cart.expires_at - cart.updated_at);
  const auto kept = std::max(milliseconds{0}, life) + expiry_slack;
  changes.afterwards({"ZADD", expiry, std::to_string(cart.expires_at.us), id});
  changes.afterwards({"PEXPIRE", key_of_cart(cart.cart_id), std::to_string(kept.count())});
}

void unlist_cart(const cart_row& cart, redis_changes& changes) {
  const auto id = cart.cart_id.str();
  changes.afterwards({"ZREM", cart.user_id ? key_of_user(*cart.user_id) : expiry, id});
  if (cart.user_id) changes.afterwards({"ZREM", customers, id});
}

void insert_cart(const statement& s, redis_changes& changes) {
  const auto cart = inserted_record<cart_row>(s);
  check_rules(cart);
  changes.create(key_of_cart(cart.cart_id), record_field, encoded_cart(cart), "carts.cart_id");
  list_cart(cart, changes);
}

void update_cart(const cart_images& images, const statement& s, redis_changes& changes) {
  static const auto columns = db::shape_of<cart_row>(db::record_operation::update).columns.size();
  const auto cart = updated_record<cart_row>(s, columns);
  check_rules(cart);
  const auto key = key_of_cart(cart.cart_id);
  const auto& image = images.loaded(s, cart.cart_id);
  changes.require(key, record_field, version_prefix(redis_param<std::int64_t>(s, columns)),
                  error_kind::stale, s.what->name);
  if (image.record.empty()) return;  // Then the condition does not hold.
  auto old_columns = cart_columns_of(image.record);
  const auto old = db::read_record<cart_row>(old_columns);
  changes.set(key, record_field, encoded_cart(cart));
  if (old.user_id != cart.user_id) {
    unlist_cart(old, changes);
    if (!old.user_id) changes.afterwards({"PERSIST", key});
  }
  if (cart.user_id && old.user_id == cart.user_id) {
    date_cart(cart, changes);
  } else {
    list_cart(cart, changes);
  }
}

void erase_cart(const cart_images& images, const statement& s, redis_changes& changes) {
  const stoa::cart_id id{redis_param<uuid>(s, 0)};
  const auto& image = images.loaded(s, id);
  if (image.record.empty()) return;
  auto old_columns = cart_columns_of(image.record);
  const auto old = db::read_record<cart_row>(old_columns);
  const auto key = key_of_cart(id);
  // Another writer may have changed it since it was loaded: then the batch is decided again.
  changes.require(key, record_field, version_prefix(old.version), error_kind::conflict,
                  s.what->name);
  changes.remove(key, record_field);
  changes.require_empty(key, "cart_items.cart_id");
  unlist_cart(old, changes);
}

void insert_line(const statement& s, redis_changes& changes) {
  const auto line = inserted_record<cart_item_row>(s);
  check_rules(line);
  const auto key = key_of_cart(line.cart_id);
  changes.require(key, record_field, "", error_kind::constraint, "cart_items.cart_id");
  changes.create(key, line_field(line.product_id), encoded(line),
                 "cart_items.cart_id, cart_items.product_id");
}

/// The line as it was loaded.
const cart_item_row& old_line(const cart_images& images, const statement& s,
                              stoa::cart_item_id id) {
  return images.loaded(s, images.home_of(s, id)).lines.at(id);
}

void update_line(const cart_images& images, const statement& s, redis_changes& changes) {
  static const auto columns =
      db::shape_of<cart_item_row>(db::record_operation::update).columns.size();
  const auto line = updated_record<cart_item_row>(s, columns);
  check_rules(line);
  const auto& old = old_line(images, s, line.cart_item_id);
  if (old.cart_id != line.cart_id || old.product_id != line.product_id) {
    throw db::error(error_kind::programming, s.what->name, "a line keeps its cart and its product");
  }
  const auto key = key_of_cart(line.cart_id);
  const auto field = line_field(line.product_id);
  changes.require(key, field, line_start(line.cart_item_id), error_kind::stale, s.what->name);
  changes.set(key, field, encoded(line));
}

void erase_line(const cart_images& images, const statement& s, redis_changes& changes) {
  const auto& old = old_line(images, s, {redis_param<uuid>(s, 0)});
  const auto key = key_of_cart(old.cart_id);
  const auto field = line_field(old.product_id);
  // Another writer may have removed or replaced it since: then the batch is decided again.
  changes.require(key, field, line_start(old.cart_item_id), error_kind::conflict, s.what->name);
  changes.remove(key, field);
}

void add_queries(db::redis_handlers& on, const std::shared_ptr<cart_images>& images) {
  const auto ask_cart = [images](const statement& s, std::vector<redis_command>& out) {
    images->ask_cart(s, out);
  };
  const db::redis_query cart{ask_cart, [images](const statement& s, answers a, const rows& sink) {
                               images->emit_cart(s, a, sink);
                             }};
  const db::redis_query lines{ask_cart, [images](const statement& s, answers a, const rows& sink) {
                                images->emit_lines(s, a, sink);
                              }};
  on.on("load carts by cart_id", cart);
  on.on("load cart_items by cart_id", lines);
  on.use(carts_of_user);
  on.on("load carts by user_id",
        {[](const statement& s, std::vector<redis_command>& out) { cart_images::ask_user(s, out); },
         [images](const statement& s, answers a, const rows& sink) {
           images->emit_carts_of_user(s, a, sink);
         }});
  on.use(expired_carts);
  const auto expired = [](const std::string& list) {
    return db::redis_query{
        [list](const statement& s, std::vector<redis_command>& out) {
          out.push_back({{"1", list, std::to_string(redis_param<std::int64_t>(s, 0)),
                          std::to_string(redis_param<std::int64_t>(s, 1)), cart_prefix},
                         &expired_carts});
        },
        [](const statement&, answers a, const rows& sink) {
          for (const auto& item : a[0].items) {
            value id = uuid_of(item.text);
            sink({&id, 1});
          }
        }};
  };
  on.on("expired carts", expired(expiry));
  on.on("expired carts of customers", expired(customers));
}

void add_changes(db::redis_handlers& on, const std::shared_ptr<cart_images>& images) {
  using change = void (*)(const cart_images&, const statement&, redis_changes&);
  const auto with_images = [&](const std::string& name, change act) {
    on.on(name,
          [images, act](const statement& s, redis_changes& changes) { act(*images, s, changes); });
  };
  on.on("insert carts", &insert_cart);
  on.on("insert cart_items", &insert_line);
  with_images("update carts", &update_cart);
  with_images("delete carts", &erase_cart);
  with_images("update cart_items", &update_line);
  with_images("delete cart_items", &erase_line);
}

}  // namespace

db::redis_layout redis_store_layout(microseconds idempotency_ttl) {
  return {prefix,
          [idempotency_ttl](db::redis_handlers& on) {
            const auto images = std::make_shared<cart_images>();
            on.on_forget([images] { images->forget(); });
            add_queries(on, images);
            add_changes(on, images);
            kernel::add_redis_handlers(on, prefix, idempotency_ttl);
          },
          {prefix + "partitions"}};
}

std::unique_ptr<db::database> redis_store(db::redis_options options, microseconds idempotency_ttl) {
  return db::redis_database(std::move(options), redis_store_layout(idempotency_ttl));
}

}  // namespace stoa::cart
