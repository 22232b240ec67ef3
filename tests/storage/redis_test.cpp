// Carts in Redis: storage, rejected changes, and warnings for the operator.

#include "config/log.hpp"
#include "storage/db/redis_handlers.hpp"
#include "tests/support/redis_fixture.hpp"
#include "tests/support/tcp_proxy.hpp"

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <mutex>

using namespace stoa;
using namespace stoa::cart;
using db::error_kind;
using test::error_kind_of;
using test::error_of;
using test::redis_fixture;

namespace {

using answer_type = db::redis_answer::type;

/// What is logged while it lives.
class log_catcher {
 public:
  log_catcher() {
    log::options o;
    o.least = log::level::warn;
    o.output = [this](std::string_view line) {
      const std::lock_guard lock(mutex_);
      text_ += line;
    };
    log::start(std::move(o));
  }
  ~log_catcher() { log::stop(); }
  log_catcher(const log_catcher&) = delete;
  log_catcher& operator=(const log_catcher&) = delete;

  bool has(std::string_view words) {
    log::flush();
    const std::lock_guard lock(mutex_);
    return text_.find(words) != std::string::npos;
  }

 private:
  std::mutex mutex_;
  std::string text_;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(redis_text)

BOOST_AUTO_TEST_CASE(parameters_become_words) {
  static const db::sql what{"odd statement", ""};
  const auto id = system_ids().next_v7();
  const db::statement s{
      &what, {std::string("$2 a;\0\r\n", 9), std::numeric_limits<std::int64_t>::min(), id, 0.5}};
  const auto bound = db::redis_bound(s, {"SET", "k:$1", "$2:$3", "$0", ""}, "$1");
  BOOST_TEST(bound[0] == "SET");
  BOOST_TEST(bound[1] == std::string("k:$2 a;\0\r\n", 11));
  BOOST_TEST(bound[2] == "-9223372036854775808:" + id.str());
  BOOST_TEST(bound[3] == "$1");
  BOOST_TEST(bound[4].empty());
  for (const auto* missing : {"$4", "$5"}) {
    BOOST_TEST((error_kind_of([&] { db::redis_bound(s, {missing}); }) == error_kind::programming));
  }
}

BOOST_AUTO_TEST_CASE(answers_become_rows) {
  const auto text = [](std::string t) {
    return db::redis_answer{answer_type::text, 0, std::move(t), {}};
  };
  const auto rows_of = [](const std::string& types, const db::redis_answer& a) {
    std::vector<std::vector<db::value>> rows;
    db::redis_rows(types)({}, a, [&](db::row r) { rows.emplace_back(r.begin(), r.end()); });
    return rows;
  };
  const auto id = system_ids().next_v7();
  db::redis_answer list{answer_type::list, 0, {}, {text("a"), text("-5"), text(id.str())}};
  const auto rows = rows_of("tiu", list);
  BOOST_REQUIRE(rows.size() == 1u);
  BOOST_TEST((rows[0] == std::vector<db::value>{"a", std::int64_t{-5}, id}));
  BOOST_TEST((rows_of("-i", list).at(0) == std::vector<db::value>{std::int64_t{-5}}));
  BOOST_TEST(rows_of("tt", list).size() == 1u);
  BOOST_TEST(rows_of("", list).empty());
  BOOST_TEST(rows_of("t", {}).empty());
  BOOST_TEST((rows_of("i", {answer_type::integer, 7, {}, {}}).at(0) ==
              std::vector<db::value>{std::int64_t{7}}));
  for (const auto* bad : {"", "x", "5x", "99999999999999999999"}) {
    BOOST_TEST((error_kind_of([&] { rows_of("i", text(bad)); }) == error_kind::programming));
    BOOST_TEST((error_kind_of([&] { rows_of("u", text(bad)); }) == error_kind::programming));
  }
}

BOOST_AUTO_TEST_CASE(addresses) {
  auto full = db::redis_address_of("redis://[::1]:7000/12");
  BOOST_TEST(full.host == "::1");
  BOOST_TEST(full.port == "7000");
  BOOST_TEST(full.number == "12");
  auto brief = db::redis_address_of("redis://cache.internal");
  BOOST_TEST(brief.host == "cache.internal");
  BOOST_TEST(brief.port == "6379");
  BOOST_TEST(brief.number == "0");
  for (const auto* bad : {"http://a", "redis://", "redis://a:b", "redis://a/x", "redis://:1"}) {
    BOOST_TEST((error_kind_of([&] { db::redis_address_of(bad); }) == error_kind::programming));
  }
  BOOST_TEST(!brief.tls);
  BOOST_TEST(db::redis_address_of("rediss://cache.internal:1/0").tls);
  BOOST_TEST((error_kind_of([] { redis_store({.url = "http://a"}, seconds{1}); }) ==
              error_kind::programming));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(redis_carts, redis_fixture)

BOOST_AUTO_TEST_CASE(a_cart_comes_back_whole) {
  if (!ready()) return;
  auto c = open();
  const auto owner = stoa::user_id{system_ids().next_v7()};
  const auto made = add_cart(*c, 3, owner);
  cart_records records;
  load(*c, records, {made.cart_id});
  const auto* found = records.of<cart_row>().find(made.cart_id);
  BOOST_REQUIRE(found != nullptr);
  BOOST_TEST((found->user_id == owner));
  BOOST_TEST(found->expires_at.us == made.expires_at.us);
  const auto lines = records.of<cart_item_row>().where<&cart_item_row::cart_id>(made.cart_id);
  BOOST_REQUIRE(lines.size() == 3u);
  BOOST_TEST(lines[0]->name == new_line(made.cart_id).name);
  BOOST_TEST(lines[0]->price_when_added.amount == 500);
  // The queries of the service give the same, and agree with each other.
  auto reader = open(db::access::read);
  const db::read_scope scope(*reader);
  const auto parts = read_cart(*reader, made.cart_id);
  BOOST_REQUIRE(parts.has_value());
  BOOST_TEST(parts->items.size() == 3u);
  BOOST_TEST((parts->items[2].cart_item_id == lines[2]->cart_item_id));
}

BOOST_AUTO_TEST_CASE(a_batch_is_loaded_and_saved_in_one_turn_each) {
  if (!ready()) return;
  test::tcp_proxy gate(server().port());
  auto c = store_at(gate.port())->open(db::access::write);
  std::vector<stoa::cart_id> ids;
  change(*c, {}, [&](cart_records& r) {
    for (int i = 0; i < 50; ++i) {
      ids.push_back(r.of<cart_row>().insert(new_cart()).cart_id);
      r.of<cart_item_row>().insert(new_line(ids.back()));
    }
  });
  const auto before = gate.round_trips();
  change(*c, ids, [&](cart_records& r) {
    for (auto id : ids) {
      BOOST_TEST(r.of<cart_item_row>().where<&cart_item_row::cart_id>(id).size() == 1u);
      r.of<cart_row>().edit(id).revision = 2;
    }
  });
  BOOST_TEST(gate.round_trips() - before == 2u);
}

BOOST_AUTO_TEST_CASE(one_refused_statement_leaves_nothing_of_the_batch) {
  if (!ready()) return;
  auto c = open();
  const auto kept = add_cart(*c, 1);
  const auto before = ask({"GET", key_of(kept.cart_id)});
  const auto keys = ask({"DBSIZE"}).integer;
  auto twin = kept;
  const auto refused = error_of([&] {
    change(*c, {kept.cart_id}, [&](cart_records& r) {
      r.of<cart_row>().edit(kept.cart_id).revision = 9;
      r.of<cart_item_row>().insert(new_line(kept.cart_id));
      r.of<cart_row>().insert(new_cart());
      // A cart that another writer has made; the batch did not know of it.
      twin.cart_id = add_cart(*open()).cart_id;
      r.of<cart_row>().insert(twin);
    });
  });
  BOOST_REQUIRE(refused.has_value());
  BOOST_TEST((refused->kind() == error_kind::unique));
  BOOST_TEST(refused->constraint() == "carts.cart_id");
  const auto after = ask({"GET", key_of(kept.cart_id)});
  BOOST_TEST(after.text == before.text);
  BOOST_TEST(read_cart(*c, kept.cart_id)->cart.revision == 1);
  BOOST_TEST(ask({"DBSIZE"}).integer == keys + 1);
  BOOST_TEST(expired_carts(*c, {kept.expires_at}, {0}, 10).size() == 2u);
}

BOOST_AUTO_TEST_CASE(of_two_writers_the_second_is_refused) {
  if (!ready()) return;
  auto first = open();
  auto second = open();
  const auto id = add_cart(*first, 1).cart_id;
  const auto touch = [&](cart_records& r) { r.of<cart_row>().edit(id).revision += 1; };
  const auto stale = error_of([&] {
    change(*first, {id}, [&](cart_records& r) {
      change(*second, {id}, touch);
      touch(r);
      r.of<cart_item_row>().insert(new_line(id));
    });
  });
  BOOST_REQUIRE(stale.has_value());
  BOOST_TEST((stale->kind() == error_kind::stale));
  BOOST_TEST(stale->constraint() == "update carts");
  // A removal has no version in SQL; here it stands on what was loaded.
  const auto conflict = error_kind_of([&] {
    change(*first, {id}, [&](cart_records& r) {
      change(*second, {id}, [&](cart_records& other) {
        touch(other);
        other.of<cart_item_row>().insert(new_line(id));
      });
      for (const auto* line : r.of<cart_item_row>().where<&cart_item_row::cart_id>(id)) {
        r.of<cart_item_row>().erase(line->cart_item_id);
      }
      r.of<cart_row>().erase(id);
    });
  });
  BOOST_TEST((conflict == error_kind::conflict));
  BOOST_TEST(read_cart(*first, id)->items.size() == 2u);
  BOOST_TEST(read_cart(*first, id)->cart.revision == 3);
}

BOOST_AUTO_TEST_CASE(many_writers_lose_nothing_and_readers_see_whole_carts) {
  if (!ready()) return;
  constexpr int writers = 4;
  constexpr int changes = 150;
  std::vector<stoa::cart_id> ids;
  for (int i = 0; i < 3; ++i) ids.push_back(add_cart(*open(), 1).cart_id);
  std::atomic<int> again{0};
  std::atomic<bool> torn{false};
  std::atomic<int> open_writers{writers};
  // Each change adds one to a line and one to the cart's revision: a whole cart has both equal.
  const auto writes = [&](int number) {
    auto c = open();
    for (int i = 0; i < changes; ++i) {
      const auto id = ids[static_cast<std::size_t>(i + number) % ids.size()];
      while (error_kind_of([&] {
        change(*c, {id}, [&](cart_records& r) {
          const auto lines = r.of<cart_item_row>().where<&cart_item_row::cart_id>(id);
          r.of<cart_item_row>().edit(lines[0]->cart_item_id).quantity += 1;
          r.of<cart_row>().edit(id).revision += 1;
        });
      })) {
        ++again;
      }
    }
    --open_writers;
  };
  const auto reads = [&] {
    auto c = open(db::access::read);
    while (open_writers > 0) {
      for (auto id : ids) {
        const db::read_scope scope(*c);
        const auto found = read_cart(*c, id);
        if (found->items.at(0).quantity != found->cart.revision) torn = true;
      }
    }
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < writers; ++i) threads.emplace_back(writes, i);
  threads.emplace_back(reads);
  for (auto& t : threads) t.join();
  BOOST_TEST(!torn);
  BOOST_TEST(again > 0);
  std::int64_t total = 0;
  for (auto id : ids) total += read_cart(*open(), id)->cart.revision - 1;
  BOOST_TEST(total == writers * changes);
}

BOOST_AUTO_TEST_CASE(the_rules_of_the_tables_hold) {
  if (!ready()) return;
  auto c = open();
  const auto id = add_cart(*c, 1).cart_id;
  const auto insert = [&](auto record) {
    return error_of([&] {
      change(*c, {record.cart_id},
             [&](cart_records& r) { r.of<decltype(record)>().insert(record); });
    });
  };
  const auto line = read_cart(*c, id)->items.at(0);
  auto other = new_line(id);
  other.product_id = line.product_id;
  BOOST_TEST((insert(other)->kind() == error_kind::unique));
  BOOST_TEST(insert(other)->constraint() ==
             "cart_items.cart_id, cart_items.product_id, cart_items.properties");
  BOOST_TEST((insert(new_line({system_ids().next_v4()}))->kind() == error_kind::constraint));
  BOOST_TEST((insert(new_line(id, 0))->kind() == error_kind::constraint));
  BOOST_TEST((insert(new_line(id, 10'001))->kind() == error_kind::constraint));
  // A cart with lines does not go.
  const auto early = error_kind_of(
      [&] { change(*c, {id}, [&](cart_records& r) { r.of<cart_row>().erase(id); }); });
  BOOST_TEST((early == error_kind::constraint));
  // A product may move from a line that goes to one that comes, in one batch.
  change(*c, {id}, [&](cart_records& r) {
    r.of<cart_item_row>().erase(line.cart_item_id);
    r.of<cart_item_row>().insert(other);
  });
  BOOST_TEST((read_cart(*c, id)->items.at(0).cart_item_id == other.cart_item_id));
  // And all of it at once.
  change(*c, {id}, [&](cart_records& r) {
    r.of<cart_item_row>().erase(other.cart_item_id);
    r.of<cart_row>().erase(id);
  });
  BOOST_TEST(!read_cart(*c, id).has_value());
  BOOST_TEST(ask({"EXISTS", key_of(id)}).integer == 0);
  BOOST_TEST(expired_carts(*c, {1LL << 50}, {0}, 10).empty());
}

BOOST_AUTO_TEST_CASE(guests_carts_expire_and_customers_later) {
  if (!ready()) return;
  auto c = open();
  const auto owner = stoa::user_id{system_ids().next_v7()};
  const auto guest = add_cart(*c);
  const auto mine = add_cart(*c, 1, owner);
  const std::int64_t life = ask({"PTTL", key_of(guest.cart_id)}).integer;
  BOOST_TEST(life > 86'400'000);
  BOOST_TEST(life <= 86'400'000 + 60'000);
  BOOST_TEST(ask({"PTTL", key_of(mine.cart_id)}).integer == -1);
  // The sweep finds the guest's; once it is the customer's it is listed there, and stays.
  BOOST_TEST(expired_carts(*c, guest.expires_at, {0}, 10).size() == 1u);
  BOOST_TEST(expired_carts(*c, guest.expires_at - microseconds{1}, {0}, 10).empty());
  change(*c, {guest.cart_id},
         [&](cart_records& r) { r.of<cart_row>().edit(guest.cart_id).user_id = owner; });
  BOOST_TEST(expired_carts(*c, guest.expires_at, {0}, 10).empty());
  BOOST_TEST(ask({"PTTL", key_of(guest.cart_id)}).integer == -1);
  BOOST_TEST(carts_of_user(*c, owner).size() == 2u);
  // Those go by the time of their last change.
  const auto changed = mine.updated_at;
  BOOST_TEST(expired_carts(*c, {0}, changed - microseconds{1}, 10).empty());
  BOOST_TEST(expired_carts(*c, {0}, changed, 10).size() == 2u);
  change(*c, {mine.cart_id}, [&](cart_records& r) {
    r.of<cart_row>().edit(mine.cart_id).updated_at = changed + seconds{1};
  });
  BOOST_TEST(expired_carts(*c, {0}, changed, 10).size() == 1u);
  change(*c, {guest.cart_id}, [&](cart_records& r) { r.of<cart_row>().erase(guest.cart_id); });
  BOOST_TEST(expired_carts(*c, {0}, changed, 10).empty());
}

BOOST_AUTO_TEST_CASE(a_cart_of_the_version_before_has_defaults) {
  if (!ready()) return;
  auto c = open();
  const auto guest = add_cart(*c, 1);
  const auto key = key_of(guest.cart_id);
  auto stored = ask({"GET", key}).text;
  for (const std::string added : {R"(,"absorbed":[])", R"(,"metadata":{})"}) {
    const auto at = stored.find(added);
    BOOST_REQUIRE(at != std::string::npos);
    stored.erase(at, added.size());
  }
  ask({"SET", key, stored});
  const auto found = read_cart(*c, guest.cart_id);
  BOOST_REQUIRE(found.has_value());
  BOOST_TEST((found->cart.expires_at == guest.expires_at));
  BOOST_TEST(found->cart.absorbed.empty());
  change(*c, {guest.cart_id},
         [&](cart_records& r) { r.of<cart_row>().edit(guest.cart_id).revision = 9; });
  BOOST_TEST(read_cart(*c, guest.cart_id)->cart.revision == 9);
}

BOOST_AUTO_TEST_CASE(a_cart_that_redis_expired_leaves_the_list) {
  if (!ready()) return;
  auto c = open();
  const auto guest = add_cart(*c, 1);
  ask({"PEXPIRE", key_of(guest.cart_id), "1"});
  std::this_thread::sleep_for(milliseconds{10});
  BOOST_TEST(expired_carts(*c, guest.expires_at, {0}, 10).empty());
  BOOST_TEST(ask({"ZCARD", "{stoa:cart}:expiry"}).integer == 0);
}

BOOST_AUTO_TEST_CASE(what_has_no_meaning_here_is_named) {
  if (!ready()) return;
  auto c = open();
  static const db::sql odd{"odd statement", "SELECT 1"};
  const auto query = error_of([&] { c->query({&odd, {}}, [](db::row) {}); });
  BOOST_REQUIRE(query.has_value());
  BOOST_TEST((query->kind() == error_kind::programming));
  BOOST_TEST(std::string(query->what()).find("odd statement") != std::string::npos);
  BOOST_TEST((error_kind_of([&] { c->execute({&odd, {}}); }) == error_kind::programming));
  BOOST_TEST((error_kind_of([&] { c->run_script("SELECT 1"); }) == error_kind::programming));
  auto reader = open(db::access::read);
  BOOST_TEST((error_kind_of([&] { add_cart(*reader); }) == error_kind::programming));
  const auto unseen = error_kind_of([&] {
    c->execute({&db::statements_of<cart_item_row>().erase, db::params(system_ids().next_v7())});
  });
  BOOST_TEST((unseen == error_kind::programming));
  add_cart(*c);  // None of this has harmed the connection.
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(redis_start, redis_fixture)

BOOST_AUTO_TEST_CASE(the_format_is_checked) {
  if (!ready()) return;
  BOOST_TEST(migrate(*store()) == 0);
  ask({"FLUSHALL"});
  BOOST_TEST((error_kind_of([] { open(); }) == error_kind::unavailable));
  BOOST_TEST(migrate(*store()) == 1);
  add_cart(*open());
  ask({"SET", "{stoa:cart}:schema", "3"});
  const auto newer = error_of([] { migrate(*store()); });
  BOOST_REQUIRE(newer.has_value());
  BOOST_TEST((newer->kind() == error_kind::programming));
  BOOST_TEST(std::string(newer->what()).find("another version") != std::string::npos);
  BOOST_TEST((error_kind_of([] { open(); }) == error_kind::programming));
}

BOOST_AUTO_TEST_CASE(a_server_that_can_lose_data_is_warned_about) {
  if (!ready()) return;
  {
    log_catcher safe;
    migrate(*store());
    BOOST_TEST(!safe.has("redis:"));
  }
  test::redis_server risky({.appendonly = "no",
                            .appendfsync = "everysec",
                            .settings = {{"maxmemory-policy", "allkeys-lru"}}});
  log_catcher caught;
  migrate(*store_at(risky.port()));
  BOOST_TEST(caught.has("without an append-only file"));
  BOOST_TEST(caught.has("power cut"));
  BOOST_TEST(caught.has("remove data"));
  ask_at(risky.port(), {"ACL", "SETUSER", "default", "-config"});
  migrate(*store_at(risky.port()));
  BOOST_TEST(caught.has("cannot be checked"));
}

BOOST_AUTO_TEST_CASE(passwords) {
  if (!ready()) return;
  test::redis_server locked({.password = "open sesame"});
  auto options = options_at(locked.port());
  const auto none = error_of([&] { migrate(*redis_store(options, seconds{1})); });
  BOOST_REQUIRE(none.has_value());
  BOOST_TEST((none->kind() == error_kind::unavailable));
  BOOST_TEST(std::string(none->what()).find("NOAUTH") != std::string::npos);
  options.password = [] { return std::string("wrong"); };
  BOOST_TEST((error_kind_of([&] { migrate(*redis_store(options, seconds{1})); }) ==
              error_kind::unavailable));
  options.password = [] { return std::string("open sesame"); };
  BOOST_TEST(migrate(*redis_store(options, seconds{1})) == 1);
}

BOOST_AUTO_TEST_SUITE_END()
