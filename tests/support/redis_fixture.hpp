#pragma once
// A Redis server for the whole test program, emptied for each case, with the Cart Service's store.

#include "storage/cart/cart.hpp"
#include "storage/cart/cart_redis.hpp"
#include "storage/cart/cart_store.hpp"
#include "storage/db/redis_client.hpp"
#include "storage/kernel/partition_store.hpp"
#include "tests/support/redis_server.hpp"
#include "tests/support/skip.hpp"

#include <array>
#include <chrono>
#include <optional>
#include <thread>

namespace stoa::test {

class redis_fixture {
 public:
  redis_fixture() {
    if (!ready()) {
      skip("redis-server is not installed");
      return;
    }
    ask({"FLUSHALL"});
    ask({"SCRIPT", "FLUSH"});
    migrate(*store());
  }

  static bool ready() { return redis_server::available(); }
  static redis_server& server() {
    static redis_server one;
    return one;
  }
  static db::redis_options options_at(std::uint16_t port) {
    db::redis_options o;
    o.url = "redis://127.0.0.1:" + std::to_string(port) + "/0";
    o.timeout = milliseconds{500};
    o.reconnect_min = milliseconds{20};
    o.reconnect_max = milliseconds{100};
    return o;
  }
  static std::unique_ptr<db::database> store_at(std::uint16_t port) {
    return cart::redis_store(options_at(port), seconds{60});
  }
  static std::unique_ptr<db::database> store() { return store_at(server().port()); }
  static int migrate(db::database& d) {
    const std::array<std::string_view, 2> modules{"kernel", "cart"};
    const int done = d.migrate(modules);
    kernel::make_partitions(*d.open(db::access::write), 1);
    return done;
  }
  static std::unique_ptr<db::connection> open(db::access a = db::access::write) {
    return store()->open(a);
  }
  /// A command of an administrator.
  static db::redis_answer ask(std::vector<std::string> words) {
    return ask_at(server().port(), std::move(words));
  }
  static db::redis_answer ask_at(std::uint16_t port, const std::vector<std::string>& words) {
    auto options = options_at(port);
    options.timeout = seconds{10};
    db::redis_client c(options);
    c.ensure();
    return c.run(words);
  }

  static cart::cart_row new_cart(std::optional<stoa::user_id> owner = std::nullopt) {
    return {{system_ids().next_v4()}, owner, 1, {1000}, {2000}, {2'000 + 60'000'000}, 0};
  }
  static cart::cart_item_row new_line(stoa::cart_id id, std::int64_t quantity = 1) {
    return {{system_ids().next_v7()},
            id,
            {system_ids().next_v7()},
            "mug; \"s3:\"\r\n\xE2\x82\xAC",
            quantity,
            {500, "EUR"},
            {7}};
  }
  /// Saves what the unit of work holds, as the writer does.
  static void save(db::connection& c, cart::cart_records& records) {
    std::vector<db::statement> statements;
    records.collect(statements);
    c.execute_and_commit(statements, [] {});
  }
  /// Runs `change` on the records of the carts in one transaction.
  template <class Change>
  static void change(db::connection& c, const std::vector<stoa::cart_id>& ids, Change act) {
    c.begin();
    try {
      cart::cart_records records;
      load(c, records, ids);
      act(records);
      save(c, records);
    } catch (...) {
      c.rollback();
      throw;
    }
  }
  static void load(db::connection& c, cart::cart_records& records,
                   const std::vector<stoa::cart_id>& ids) {
    db::need_list<cart::cart_records> needs(records);
    for (auto id : ids) {
      needs.add<&cart::cart_row::cart_id>(id);
      needs.add<&cart::cart_item_row::cart_id>(id);
    }
    needs.load(c);
  }
  /// A cart with so many lines.
  static cart::cart_row add_cart(db::connection& c, int lines = 0,
                                 std::optional<stoa::user_id> owner = std::nullopt) {
    auto made = new_cart(owner);
    change(c, {}, [&](cart::cart_records& r) {
      r.of<cart::cart_row>().insert(made);
      for (int i = 0; i < lines; ++i) r.of<cart::cart_item_row>().insert(new_line(made.cart_id));
    });
    return made;
  }
  static std::string key_of(stoa::cart_id id) { return "{stoa:cart}:cart:" + id.str(); }
};

/// The error that the call throws; nothing when it throws none.
template <class Call>
std::optional<db::error> error_of(Call call) {
  try {
    call();
  } catch (const db::error& e) {
    return e;
  }
  return std::nullopt;
}
template <class Call>
std::optional<db::error_kind> error_kind_of(Call call) {
  const auto e = error_of(call);
  return e ? std::optional(e->kind()) : std::nullopt;
}

}  // namespace stoa::test
