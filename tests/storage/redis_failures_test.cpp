// Carts in Redis when something fails: the server, the network, its memory, the moment of a save.

#include "storage/db/redis_handlers.hpp"
#include "tests/support/redis_fixture.hpp"
#include "tests/support/tcp_proxy.hpp"

#include <boost/test/unit_test.hpp>

using namespace stoa;
using namespace stoa::cart;
using db::error_kind;
using std::chrono::steady_clock;
using test::error_kind_of;
using test::error_of;

namespace {

struct fixture : test::redis_fixture {
  static void touch(db::connection& c, stoa::cart_id id) {
    change(c, {id}, [&](cart_records& r) { r.of<cart_row>().edit(id).revision += 1; });
  }
  /// Repeats it until it throws nothing, for at most 10 s.
  template <class Call>
  static bool comes_back(Call call) {
    const auto until = steady_clock::now() + seconds{10};
    while (steady_clock::now() < until) {
      if (!error_kind_of(call)) return true;
      std::this_thread::sleep_for(milliseconds{5});
    }
    return false;
  }
  template <class Call>
  static milliseconds time_of(Call call) {
    const auto started = steady_clock::now();
    call();
    return std::chrono::duration_cast<milliseconds>(steady_clock::now() - started);
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(redis_failures, fixture)

BOOST_AUTO_TEST_CASE(what_was_acknowledged_outlives_kill_9) {
  if (!ready()) return;
  test::redis_server own;
  const auto store = store_at(own.port());
  migrate(*store);
  auto c = store->open(db::access::write);
  std::vector<stoa::cart_id> acknowledged;
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 50; ++i) acknowledged.push_back(add_cart(*c, 2).cart_id);
    own.kill();
    BOOST_TEST((error_kind_of([&] { add_cart(*c); }) == error_kind::unavailable));
    own.start();
    BOOST_TEST(comes_back([&] { add_cart(*c); }));
    for (auto id : acknowledged) BOOST_TEST(read_cart(*c, id)->items.size() == 2u);
  }
}

BOOST_AUTO_TEST_CASE(forgotten_scripts_are_loaded_again) {
  if (!ready()) return;
  auto c = open();
  const auto owner = stoa::user_id{system_ids().next_v7()};
  const auto id = add_cart(*c, 1, owner).cart_id;
  ask({"SCRIPT", "FLUSH"});
  touch(*c, id);
  BOOST_TEST(read_cart(*c, id)->cart.revision == 2);
  ask({"SCRIPT", "FLUSH"});
  BOOST_TEST(carts_of_user(*c, owner).size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_connection_that_was_cut_is_made_again_unnoticed) {
  if (!ready()) return;
  test::tcp_proxy gate(server().port());
  auto c = store_at(gate.port())->open(db::access::write);
  const auto id = add_cart(*c).cart_id;
  for (int i = 0; i < 5; ++i) {
    // Between two transactions: the next one finds out and connects again.
    i % 2 == 0 ? gate.cut() : gate.reset();
    std::this_thread::sleep_for(milliseconds{20});
    touch(*c, id);
  }
  BOOST_TEST(read_cart(*c, id)->cart.revision == 6);
}

BOOST_AUTO_TEST_CASE(cut_in_a_transaction_it_is_unavailable_and_comes_back) {
  if (!ready()) return;
  test::tcp_proxy gate(server().port());
  auto c = store_at(gate.port())->open(db::access::write);
  const auto id = add_cart(*c).cart_id;
  const auto cut = error_kind_of([&] {
    change(*c, {id}, [&](cart_records& r) {
      r.of<cart_row>().edit(id).revision = 7;
      gate.refuse(true);
      gate.cut();
      std::this_thread::sleep_for(milliseconds{20});
      cart_records more;
      load(*c, more, {id});
    });
  });
  BOOST_TEST((cut == error_kind::unavailable));
  // While it is unavailable each attempt fails, most of them at once, without connecting.
  const auto attempts = gate.accepted();
  const auto took = time_of([&] {
    for (int i = 0; i < 200; ++i) {
      BOOST_TEST((error_kind_of([&] { touch(*c, id); }) == error_kind::unavailable));
    }
  });
  BOOST_TEST(took.count() < 400);
  BOOST_TEST(gate.accepted() - attempts < 20u);
  gate.resume();
  BOOST_TEST(comes_back([&] { touch(*c, id); }));
  BOOST_TEST(read_cart(*c, id)->cart.revision == 2);
}

BOOST_AUTO_TEST_CASE(silence_ends_at_the_timeout) {
  if (!ready()) return;
  test::tcp_proxy gate(server().port());
  const auto store = store_at(gate.port());
  auto c = store->open(db::access::write);
  const auto id = add_cart(*c).cart_id;
  gate.hold();
  const auto took = time_of(
      [&] { BOOST_TEST((error_kind_of([&] { touch(*c, id); }) == error_kind::unavailable)); });
  BOOST_TEST(took.count() >= 450);
  BOOST_TEST(took.count() < 1500);
  const auto opening = time_of([&] {
    BOOST_TEST((error_kind_of([&] { store->open(db::access::write); }) == error_kind::unavailable));
  });
  BOOST_TEST(opening.count() < 1500);
  gate.resume();
  BOOST_TEST(comes_back([&] { touch(*c, id); }));
}

BOOST_AUTO_TEST_CASE(a_frozen_server_is_unavailable_until_it_thaws) {
  if (!ready()) return;
  auto c = open();
  const auto id = add_cart(*c).cart_id;
  server().freeze();
  BOOST_TEST((error_kind_of([&] { touch(*c, id); }) == error_kind::unavailable));
  server().thaw();
  BOOST_TEST(comes_back([&] { touch(*c, id); }));
}

BOOST_AUTO_TEST_CASE(a_save_without_an_answer_is_unknown) {
  if (!ready()) return;
  test::tcp_proxy gate(server().port());
  auto c = store_at(gate.port())->open(db::access::write);
  const auto id = add_cart(*c).cart_id;
  gate.hold_answers_after(
      [](std::string_view sent) { return sent.find("GETRANGE") != std::string_view::npos; });
  BOOST_TEST((error_kind_of([&] { touch(*c, id); }) == error_kind::unknown));
  // Here it has happened; the kernel asks the partition's row.
  BOOST_TEST(read_cart(*open(), id)->cart.revision == 2);
  gate.resume();
  BOOST_TEST(comes_back([&] { touch(*c, id); }));
  BOOST_TEST(read_cart(*c, id)->cart.revision == 3);
}

BOOST_AUTO_TEST_CASE(without_memory_nothing_is_half_written) {
  if (!ready()) return;
  auto c = open();
  const auto made = add_cart(*c, 2);
  const auto lines = read_cart(*c, made.cart_id)->items;
  ask({"CONFIG", "SET", "maxmemory", "1mb"});
  const auto full = error_of([&] {
    change(*c, {made.cart_id}, [&](cart_records& r) {
      r.of<cart_item_row>().erase(lines[0].cart_item_id);
      r.of<cart_row>().edit(made.cart_id).revision = 2;
    });
  });
  ask({"CONFIG", "SET", "maxmemory", "0"});
  BOOST_REQUIRE(full.has_value());
  BOOST_TEST((full->kind() == error_kind::unavailable));
  BOOST_TEST(std::string(full->what()).find("OOM") != std::string::npos);
  const auto after = read_cart(*c, made.cart_id);
  BOOST_TEST(after->items.size() == 2u);
  BOOST_TEST(after->cart.revision == 1);
}

BOOST_AUTO_TEST_CASE(a_server_that_only_reads_takes_no_changes) {
  if (!ready()) return;
  auto c = open();
  const auto id = add_cart(*c).cart_id;
  ask({"REPLICAOF", "127.0.0.1", "1"});
  const auto refused = error_kind_of([&] { touch(*c, id); });
  ask({"REPLICAOF", "NO", "ONE"});
  BOOST_TEST((refused == error_kind::unavailable));
  BOOST_TEST(comes_back([&] { touch(*c, id); }));
}

BOOST_AUTO_TEST_CASE(more_changes_than_redis_takes_are_refused_before_they_are_sent) {
  if (!ready()) return;
  auto c = open();
  const std::string hash = "{stoa:cart}:x";
  db::redis_changes many;
  for (int i = 0; i < 200'000; ++i) many.write({"HSET", hash, std::to_string(i), "1"});
  BOOST_TEST((error_kind_of([&] { many.take(); }) == error_kind::programming));
  // Less than that goes in one script, whatever Lua's limits.
  db::redis_changes much;
  for (int i = 0; i < 20'000; ++i) much.write({"HSET", hash, std::to_string(i), "1"});
  for (int i = 0; i < 5'000; ++i) {
    much.expect({"HEXISTS", hash, std::to_string(i)}, "0", error_kind::stale, "x");
    much.write({"HDEL", hash, std::to_string(i)});
  }
  auto options = options_at(server().port());
  options.timeout = seconds{10};  // How quick it is, is not what is tested.
  db::redis_client client(options);
  client.ensure();
  BOOST_TEST(!client.run(much.take()).failed());
  BOOST_TEST(ask({"HLEN", hash}).integer == 15'000);
}

BOOST_AUTO_TEST_CASE(another_protocol_and_garbage_are_refused) {
  if (!ready()) return;
  auto c = open();
  const auto id = add_cart(*c).cart_id;
  // What another program has written is not a cart, and does not end this program.
  for (const auto* nonsense : {"", "nonsense", "{}", R"({"saves":1,"cart":{},"lines":[]})"}) {
    ask({"SET", key_of(id), nonsense});
    BOOST_TEST((error_kind_of([&] { read_cart(*c, id); }) == error_kind::programming));
  }
  ask({"DEL", key_of(id)});
  ask({"HSET", key_of(id), "record", "x"});
  BOOST_TEST((error_kind_of([&] { read_cart(*c, id); }) == error_kind::programming));
  add_cart(*c);
}

/// No cart is there, and yet it must not be said that there is none.
BOOST_AUTO_TEST_CASE(a_store_that_was_emptied_answers_nothing) {
  if (!ready()) return;
  auto writer = open();
  auto reader = open(db::access::read);
  const auto id = add_cart(*writer, 1).cart_id;
  const auto lost = [](const std::optional<db::error>& e) {
    return e && e->kind() == error_kind::unavailable && e->constraint() == db::data_lost;
  };
  const auto load_it = [&] { touch(*writer, id); };
  for (const std::vector<std::string>& loss :
       {std::vector<std::string>{"FLUSHALL"}, {"DEL", "{stoa:cart}:partitions"}}) {
    ask(loss);
    BOOST_TEST(lost(error_of([&] { read_cart(*reader, id); })));
    BOOST_TEST(lost(error_of(load_it)));
    writer->rollback();
    BOOST_TEST(kernel::read_partitions(*writer).empty());
    // Beyond what the partition had before.
    const auto start = kernel::partition_start_after_loss(system_time().now());
    BOOST_TEST(kernel::make_partitions(*writer, 1, start) == 1);
    const auto partition = kernel::read_partitions(*writer).at(0);
    BOOST_TEST(partition.epoch == start.epoch);
    BOOST_TEST(partition.last_seq == start.last_seq);
    BOOST_TEST(!read_cart(*reader, id).has_value());
  }
  ask({"FLUSHALL"});
  BOOST_TEST(lost(error_of([] { open(db::access::read); })));
}

BOOST_AUTO_TEST_CASE(tls_is_used_and_the_certificate_is_checked) {
  if (!ready()) return;
  const test::redis_server own({.tls = true});
  auto options = options_at(own.port());
  options.url = own.tls_url();
  // No authority has signed the certificate.
  const auto untrusted = error_of([&] { migrate(*redis_store(options, seconds{60})); });
  BOOST_REQUIRE(untrusted.has_value());
  BOOST_TEST((untrusted->kind() == error_kind::unavailable));
  BOOST_TEST(std::string(untrusted->what()).find("certificate") != std::string::npos);
  // OpenSSL reads the variable when a connection is made.
  ::setenv("SSL_CERT_FILE", own.certificate().c_str(), 1);
  const auto store = redis_store(options, seconds{60});
  migrate(*store);
  auto c = store->open(db::access::write);
  std::vector<stoa::cart_id> ids;
  for (int i = 0; i < 20; ++i) ids.push_back(add_cart(*c, 40).cart_id);
  // Answers and changes that are larger than TLS' records of 16 KiB.
  change(*c, ids, [&](cart_records& r) {
    for (auto id : ids) {
      BOOST_TEST(r.of<cart_item_row>().where<&cart_item_row::cart_id>(id).size() == 40u);
      for (int i = 0; i < 20; ++i) r.of<cart_item_row>().insert(new_line(id));
    }
  });
  BOOST_TEST(read_cart(*c, ids[19])->items.size() == 60u);
  // The certificate must be this host's, and this port must speak TLS.
  options.url = "rediss://127.0.0.1:" + std::to_string(own.tls_port());
  const auto other = error_of([&] { redis_store(options, seconds{60})->open(db::access::read); });
  BOOST_TEST((other->kind() == error_kind::unavailable));
  BOOST_TEST(std::string(other->what()).find("mismatch") != std::string::npos);
  options.url = "rediss://127.0.0.1:" + std::to_string(own.port());
  const auto plain = error_of([&] { redis_store(options, seconds{60})->open(db::access::read); });
  BOOST_TEST((plain->kind() == error_kind::unavailable));
  // Cut connections come back with TLS too.
  test::tcp_proxy gate(own.tls_port());
  options.url = "rediss://localhost:" + std::to_string(gate.port());
  auto through = redis_store(options, seconds{60})->open(db::access::write);
  gate.cut();
  std::this_thread::sleep_for(milliseconds{20});
  touch(*through, ids[0]);
  gate.hold();
  BOOST_TEST((error_kind_of([&] { touch(*through, ids[0]); }) == error_kind::unavailable));
  gate.resume();
  BOOST_TEST(comes_back([&] { touch(*through, ids[0]); }));
  ::unsetenv("SSL_CERT_FILE");
}

BOOST_AUTO_TEST_SUITE_END()
