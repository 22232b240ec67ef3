#include "storage/cart/cart_redis.hpp"

#include "storage/db/redis_handlers.hpp"
#include "storage/kernel/kernel_redis.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace stoa::cart {

namespace {

using db::error_kind;
using db::redis_answer;
using db::redis_changes;
using db::redis_command;
using db::statement;

const std::string prefix = "{stoa:cart}:";
const std::string expiry = prefix + "expiry";
const std::string customers = prefix + "customers";
const std::string cart_prefix = prefix + "cart:";
const std::string user_prefix = prefix + "user:";

/// How much longer than its life a guest's cart stays in Redis, for the sweep to remove it in an
/// orderly way.
constexpr milliseconds expiry_slack = std::chrono::hours{24};

/// KEYS: user:<id>; ARGV: the prefix of carts' keys. The carts, the newest first.
constexpr const char* carts_of_user = R"lua(#!lua flags=no-writes
local found = {}
for _, id in ipairs(redis.call('ZREVRANGE', KEYS[1], 0, -1)) do
  found[#found + 1] = redis.call('GET', ARGV[1] .. id)
end
return found
)lua";

/// KEYS: expiry or customers; ARGV: until when, how many at most, the prefix of carts' keys. Carts
/// that Redis has expired itself, because no sweep came, are taken off the list.
constexpr const char* expired_carts = R"lua(#!lua
local found = {}
for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1], 'LIMIT', 0, ARGV[2])) do
  if redis.call('EXISTS', ARGV[3] .. id) == 1 then
    found[#found + 1] = id
  else
    redis.call('ZREM', KEYS[1], id)
  end
end
return found
)lua";

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
  check(line.priced_units.value_or(1) >= 1, "cart_items.priced_units");
}

/// The sorted sets that a cart is in, and its score in each.
std::map<std::string, std::int64_t> lists_of(const std::optional<cart_row>& cart) {
  if (!cart) return {};
  if (!cart->user_id) return {{expiry, cart->expires_at.us}};
  return {{user_prefix + cart->user_id->str(), cart->created_at.us},
          {customers, cart->updated_at.us}};
}

std::string key_text(const uuid& id) {
  return cart_prefix + id.str();
}

/// What is known of a cart beside its rows.
struct cart_state {
  bool asked = false;
  bool loaded = false;
  std::optional<stored_cart> was;  ///< as it was loaded
  /// The kind and the name of the error when it has been changed concurrently. A removal has no
  /// version in SQL; one that depends on what was loaded is decided again.
  error_kind concurrent = error_kind::conflict;
  std::string changed_by;
};

/// The carts of a transaction. Each is read once and whole, so that it and its lines are of one
/// moment, and each that was changed is saved whole.
class cart_session {
 public:
  redis_command ask(const statement& s) {
    const auto id = std::get<uuid>(s.params.at(0));
    if (std::exchange(states_[id].asked, true)) return {};
    return {"GET", key_text(id)};
  }
  void emit_cart(const statement& s, const redis_answer& a, const db::redis_sink& sink) {
    if (const auto& was = answered(s, a).was) db::redis_emit(was->cart, sink);
  }
  void emit_lines(const statement& s, const redis_answer& a, const db::redis_sink& sink) {
    const auto& was = answered(s, a).was;
    if (!was) return;
    for (const auto& line : was->lines) db::redis_emit(line, sink);
  }
  void emit_carts_of_user(const statement& s, const redis_answer& a, const db::redis_sink& sink) {
    for (const auto& item : a.items) {
      auto found = db::redis_stored<stored_cart>(item.text);
      const auto id = found.cart.cart_id.value;
      const auto& was = keep(id, std::move(found)).was;
      // It may have been read before it was the user's.
      if (was && was->cart.user_id && was->cart.user_id->value == std::get<uuid>(s.params[0])) {
        db::redis_emit(was->cart, sink);
      }
    }
  }

  void change_cart(const statement& s) { change(s, carts_); }
  void change_line(const statement& s) { change(s, lines_); }

  /// Adds what the changed carts have become; what is loaded must be forgotten then.
  void save(redis_changes& changes) {
    std::map<uuid, std::vector<cart_item_row>> lines;
    for (auto& [id, line] : lines_) lines[line.cart_id.value].push_back(std::move(line));
    for (const auto& [id, state] : states_) {
      if (!state.changed_by.empty()) save(id, state, lines[id], changes);
    }
  }

 private:
  cart_state& keep(const uuid& id, std::optional<stored_cart> found) {
    auto& state = states_[id];
    if (std::exchange(state.loaded, true) || !found) return state;
    carts_.emplace(id, found->cart);
    for (const auto& line : found->lines) lines_.emplace(line.cart_item_id.value, line);
    state.was = std::move(found);
    return state;
  }
  /// The cart that ask() asked for, now or before.
  const cart_state& answered(const statement& s, const redis_answer& a) {
    std::optional<stored_cart> found;
    if (a.kind == redis_answer::type::text) found = db::redis_stored<stored_cart>(a.text);
    return keep(std::get<uuid>(s.params.at(0)), std::move(found));
  }

  template <class R>
  void change(const statement& s, std::map<uuid, R>& rows) {
    const auto& shape = *s.what->shape;
    const bool insert = shape.operation == db::record_operation::insert;
    const bool update = shape.operation == db::record_operation::update;
    const auto id = std::get<uuid>(s.params.at(update ? shape.columns.size() - 1 : 0));
    const auto row = rows.find(id);
    const auto fail = [&](error_kind kind, const std::string& name, const char* why) {
      throw db::error(kind, name, s.what->name + ": " + why);
    };
    if (insert != (row == rows.end())) {
      if (insert) fail(error_kind::unique, shape.table + "." + shape.columns[0], "it exists");
      fail(error_kind::programming, s.what->name, "not loaded in this transaction");
    }
    const auto concurrent = update ? error_kind::stale : error_kind::conflict;
    if (!insert) note_change(row->second.cart_id, concurrent, s);
    if (!insert && !update) {
      rows.erase(row);
      return;
    }
    if constexpr (db::versioned<R>) {
      if (update && row->second.version != std::get<std::int64_t>(s.params.back())) {
        fail(error_kind::stale, s.what->name, "changed concurrently");
      }
    }
    auto record = db::redis_record<R>(s);
    check_rules(record);
    note_change(record.cart_id, concurrent, s);
    rows.insert_or_assign(id, std::move(record));
  }
  void note_change(stoa::cart_id id, error_kind concurrent, const statement& s) {
    auto& state = states_[id.value];
    if (!state.changed_by.empty() && concurrent != error_kind::stale) return;
    state.concurrent = concurrent;
    state.changed_by = s.what->name;
  }

  void save(const uuid& id, const cart_state& state, std::vector<cart_item_row>& lines,
            redis_changes& changes) const {
    const auto row = carts_.find(id);
    const auto now = row == carts_.end() ? std::nullopt : std::optional(row->second);
    check_lines(state, now, lines);
    const auto key = key_text(id);
    if (state.was) {
      // The first member, with which the text begins.
      const auto start = R"({"saves":)" + std::to_string(state.was->saves) + ',';
      changes.expect({"GETRANGE", key, "0", std::to_string(start.size() - 1)}, start,
                     state.concurrent, state.changed_by);
    } else {
      changes.expect({"EXISTS", key}, "0", error_kind::unique, "carts.cart_id");
    }
    const auto saves = state.was ? state.was->saves + 1 : 1;
    redis_command write{"DEL", key};
    if (now) write = {"SET", key, json::write(stored_cart{saves, *now, std::move(lines)})};
    if (now && !now->user_id) {
      // Relative to the change, so that it does not matter when the clocks differ.
      const auto life = std::chrono::ceil<milliseconds>(now->expires_at - now->updated_at);
      const auto kept = std::max(milliseconds{0}, life) + expiry_slack;
      write.insert(write.end(), {"PX", std::to_string(kept.count())});
    }
    changes.write(write);
    const auto lists = lists_of(now);
    for (const auto& [list, score] :
         lists_of(state.was ? std::optional(state.was->cart) : std::nullopt)) {
      if (!lists.contains(list)) changes.write({"ZREM", list, id.str()});
    }
    for (const auto& [list, score] : lists) {
      changes.write({"ZADD", list, std::to_string(score), id.str()});
    }
  }
  /// The rules that are keys of the table in SQL.
  static void check_lines(const cart_state& state, const std::optional<cart_row>& cart,
                          const std::vector<cart_item_row>& lines) {
    if (!cart && !lines.empty()) {
      const auto kind = state.loaded ? error_kind::constraint : error_kind::programming;
      throw db::error(kind, "cart_items.cart_id", "a line's cart is not there");
    }
    std::set<std::pair<stoa::product_id, line_properties>> products;
    for (const auto& line : lines) {
      if (products.emplace(line.product_id, line.properties).second) continue;
      throw db::error(error_kind::unique,
                      "cart_items.cart_id, cart_items.product_id, cart_items.properties",
                      "a product has one line with these properties in a cart");
    }
  }

  std::map<uuid, cart_state> states_;
  std::map<uuid, cart_row> carts_;
  std::map<uuid, cart_item_row> lines_;
};

void add_carts(db::redis_handlers& on) {
  const auto session = std::make_shared<cart_session>();
  on.forget = [session] { *session = {}; };
  on.save = [session](redis_changes& changes) { session->save(changes); };
  const auto with_session = [session](auto member) {
    return [session, member](const auto&... arguments) {
      return std::invoke(member, *session, arguments...);
    };
  };
  const auto ask = with_session(&cart_session::ask);
  on.queries["load carts by cart_id"] = {ask, with_session(&cart_session::emit_cart)};
  on.queries["load cart_items by cart_id"] = {ask, with_session(&cart_session::emit_lines)};
  on.queries["load carts by user_id"] = {
      db::redis_form({"EVAL", carts_of_user, "1", user_prefix + "$1", cart_prefix}),
      with_session(&cart_session::emit_carts_of_user)};
  const auto expired = [](const std::string& list) {
    return db::redis_query{
        db::redis_form({"EVAL", expired_carts, "1", list, "$1", "$2", cart_prefix}),
        db::redis_rows("u")};
  };
  on.queries["expired carts"] = expired(expiry);
  on.queries["expired carts of customers"] = expired(customers);
  for (const std::string operation : {"insert", "update", "delete"}) {
    on.changes[operation + " carts"] = [session](const statement& s, redis_changes&) {
      session->change_cart(s);
    };
    on.changes[operation + " cart_items"] = [session](const statement& s, redis_changes&) {
      session->change_line(s);
    };
  }
}

}  // namespace

db::redis_layout redis_store_layout(microseconds idempotency_ttl) {
  return {prefix,
          [idempotency_ttl](db::redis_handlers& on) {
            add_carts(on);
            kernel::add_redis_handlers(on, prefix, idempotency_ttl);
          },
          prefix + "partitions"};
}

std::unique_ptr<db::database> redis_store(db::redis_options options, microseconds idempotency_ttl) {
  return db::redis_database(std::move(options), redis_store_layout(idempotency_ttl));
}

}  // namespace stoa::cart
