#include "tests/simulation/buyers.hpp"

#include "net/front/failure.hpp"

#include <algorithm>

namespace stoa::simulation {

using kernel::any_message;

namespace {

constexpr unsigned request_lost_percent = 8;
constexpr unsigned answer_lost_percent = 15;
/// Share of the available answers that have left the process before a crash.
constexpr unsigned answer_sent_percent = 50;
constexpr std::size_t attempts_max = 6;  ///< while there are faults

const kernel::caller guest;
const kernel::caller by_system{kernel::caller_kind::system, {}, kernel::role::customer};

address home() {
  address a;
  a.address_line1 = "1 Main Street";
  a.city = "Athens";
  a.postal_code = "10551";
  a.country = "GR";
  return a;
}

/// The outcome of the request is unknown.
bool open_question(const kernel::answer& a) {
  return a.error && front::status_of(a.error->kind) >= 500;
}

}  // namespace

buyers::buyers(world& w, const world_template& from)
    : world_(w),
      products_(from.products),
      locations_(from.locations),
      codes_(from.codes),
      gift_card_keys_(from.gift_card_keys) {
  auto products = 2 + w.random.below(world_template::products_max - 1);
  for (std::size_t i = 0; i < products; ++i) {
    auto units = w.random.between(2, 16);
    catalog::adjust_stock stock{products_[i].id, {units, std::nullopt, "delivered"}};
    w.demand("catalog", stock, by_system);
    stock_[products_[i].id] = units;
    // Some of the units are at other locations, so that orders are split.
    for (std::size_t l = 1; l < locations_.size(); ++l) {
      if (!w.random.chance(50)) continue;
      stock.change = {w.random.between(1, 6), std::nullopt, "delivered", locations_[l]};
      w.demand("catalog", stock, by_system);
      stock_[products_[i].id] += *stock.change.change;
    }
    // The last two may have unlimited stock.
    if (i < 2 || w.random.chance(60)) continue;
    catalog::change_product policy{products_[i].id, {}};
    (i == 2 ? policy.change.allow_backorder : policy.change.track_inventory) = i == 2;
    w.demand("catalog", policy, by_system);
  }
  auto count = 3 + w.random.below(6);
  for (std::size_t i = 0; i < count; ++i) {
    auto b = std::make_unique<buyer>();
    b->name = "buyer" + std::to_string(i + 1);
    cart::create_cart c;
    if (w.random.chance(40)) {
      auto mail = b->name + "@example.org";
      auto u = w.demand("user", user::register_user{b->name, mail, "hash", "Ann", "Buyer", {}, {}},
                        guest);
      b->who = {kernel::caller_kind::user, u.user_id, kernel::role::customer};
      w.demand("pricing",
               pricing::grant_store_credit{u.user_id, {initial_credit, "EUR"}, std::nullopt},
               guest);
      c.user_id = u.user_id;
      // Some fill a guest's cart first, which is merged when they log in.
      if (w.random.chance(50)) {
        if (w.random.chance(50)) w.demand("cart", c, b->who);
        c.user_id.reset();
      }
    }
    b->cart = w.demand("cart", c, b->who).cart_id;
    b->is_guests = !c.user_id;
    b->purchases_left = w.random.between(1, 2);
    buyers_.push_back(std::move(b));
  }
}

bool buyers::done() const {
  return std::all_of(buyers_.begin(), buyers_.end(), [](const auto& b) {
    return b->purchases_left == 0 && b->script.empty() && (!b->current || b->current->answered);
  });
}

bool buyers::step() {
  auto& b = *buyers_[world_.random.below(buyers_.size())];
  if (b.current && !b.current->answered) {
    // Impatient: repeats the request whether or not the first is still in transit.
    if (b.current->attempts < attempts_max && world_.random.chance(20)) send(b.current);
    return true;
  }
  if (b.script.empty()) {
    if (b.purchases_left == 0) return !done();
    plan(b);
  }
  auto next = std::move(b.script.front());
  b.script.pop_front();
  next();
  return true;
}

void buyers::ask_again() {
  for (auto& b : buyers_) {
    if (b->current && !b->current->answered) {
      send(b->current);
      continue;
    }
    if (b->script.empty() && b->purchases_left > 0) plan(*b);
    if (b->script.empty()) continue;
    auto next = std::move(b->script.front());
    b->script.pop_front();
    next();
  }
}

void buyers::plan(buyer& b) {
  --b.purchases_left;
  auto kinds = world_.random.between(1, 2);
  for (std::int64_t i = 0; i < kinds; ++i) b.script.emplace_back([this, &b] { add_item(b); });
  if (world_.random.chance(30)) b.script.emplace_back([this, &b] { add_code(b); });
  if (world_.random.chance(10)) b.script.emplace_back([this, &b] { buy_now(b); });
  bool twice = world_.random.chance(15);
  b.script.emplace_back([this, &b, twice] { place(b, twice); });
  // Retries after a decline; otherwise the cart was ordered already.
  if (world_.random.chance(35)) b.script.emplace_back([this, &b] { place(b, false); });
  if (b.is_guests && b.who.is_user() && world_.random.chance(60)) {
    b.is_guests = false;
    b.script.emplace_back([this, &b] { merge(b); });
    if (world_.random.chance(50)) b.script.emplace_back([this, &b] { place(b, false); });
  }
  if (world_.random.chance(40)) b.script.emplace_back([this, &b] { add_item(b); });
  if (world_.random.chance(40)) {
    bool wait = world_.random.chance(50);
    b.script.emplace_back([this, &b, wait] { plan_change(b, "cancel", wait); });
  }
  if (world_.random.chance(25)) b.script.emplace_back([this, &b] { move_allocation(b); });
  if (world_.random.chance(70)) plan_shipment(b);
  if (world_.random.chance(55)) {
    const auto refunds = world_.random.between(1, 3);
    for (std::int64_t i = 0; i < refunds; ++i) b.script.emplace_back([this, &b] { refund(b); });
  }
  if (world_.random.chance(40)) b.script.emplace_back([this, &b] { transfer(b); });
  const auto moves = world_.random.chance(50) ? world_.random.between(1, 3) : 0;
  for (std::int64_t i = 0; i < moves; ++i) {
    b.script.emplace_back([this, &b] { move_allocation(b); });
  }
  if (b.purchases_left == 0 && b.who.is_user() && world_.random.chance(20)) {
    b.script.emplace_back([this, &b] { delete_account(b); });
  }
}

// --- what they ask for
// -----------------------------------------------------------------------------

std::shared_ptr<request> buyers::start(buyer& b, std::string service, const std::string& key) {
  auto r = std::make_shared<request>();
  r->who = b.name;
  r->service = std::move(service);
  r->context.who = b.who;
  r->context.request_id = b.name + "/" + key + std::to_string(++keys_);
  r->context.idempotency_scope = r->context.request_id;
  r->context.fingerprint = key;
  b.current = r;
  return r;
}

std::optional<line_properties> buyers::some_properties() {
  if (!world_.random.chance(20)) return std::nullopt;
  return line_properties{{"Engraving", world_.random.chance(50) ? "Ada" : "Bob"}};
}

void buyers::add_item(buyer& b) {
  const auto& product = products_[world_.random.below(stock_.size())];
  auto quantity = world_.random.between(1, 2);
  cart::add_item command{b.cart, product.id, product.name, quantity, product.price, std::nullopt};
  command.properties = some_properties();
  if (world_.random.chance(10)) command.note = "Please hurry";
  auto r = start(b, "cart", "add");
  r->make = [command] { return any_message::of(command); };
  r->first_answer = [this, &b, id = product.id, quantity](const kernel::answer& a) {
    if (a.error) return violated("add_item rejected: " + a.error->code);
    b.added[id] += quantity;
  };
  r->next_answer = [this](const kernel::answer& a) {
    if (a.error) violated("add_item done, then rejected: " + a.error->code);
  };
  send(r);
}

void buyers::add_code(buyer& b) {
  auto r = start(b, "cart", "code");
  r->make = [cart = b.cart, code = codes_[world_.random.below(codes_.size())]] {
    return any_message::of(cart::add_code{cart, code, std::nullopt});
  };
  r->first_answer = [this](const kernel::answer& a) {
    if (a.error) violated("add_code rejected: " + a.error->code);
  };
  r->next_answer = [this](const kernel::answer& a) {
    if (a.error) violated("add_code done, then rejected: " + a.error->code);
  };
  send(r);
}

void buyers::place(buyer& b, bool twice) {
  for (int i = 0; i < (twice ? 2 : 1); ++i) {
    purchases_.push_back(std::make_unique<purchase>());
    auto* mine = purchases_.back().get();
    mine->email = b.name + "-" + std::to_string(++keys_) + "@example.org";
    b.last = mine;
    // With two concurrent checkouts the first is not awaited: its outcome does not matter.
    check_out(b, *mine);
  }
}

void buyers::buy_now(buyer& b) {
  purchases_.push_back(std::make_unique<purchase>());
  auto* mine = purchases_.back().get();
  mine->email = b.name + "-" + std::to_string(++keys_) + "@example.org";
  b.last = mine;
  cart::create_for_purchase now;
  now.cart_id = {world_.ids.next_v7()};
  if (b.who.is_user()) now.user_id = b.who.user;
  auto& content = mine->carts.emplace_back();
  for (std::int64_t i = world_.random.between(1, 2); i > 0; --i) {
    const auto& product = products_[world_.random.below(stock_.size())];
    const auto properties = some_properties().value_or(line_properties{});
    const line_key key{product.id, properties, ""};
    if (content.contains(key)) continue;
    content[key] = world_.random.between(1, 2);
    auto& line = now.items.emplace_back();
    line.cart_item_id = {world_.ids.next_v7()};
    line.product_id = product.id;
    line.quantity = content[key];
    if (!properties.empty()) line.properties = properties;
  }
  check_out(b, *mine, std::move(now));
}

void buyers::check_out(buyer& b, purchase& p, std::optional<cart::create_for_purchase> now) {
  auto r = start(b, "", "checkout");
  checkout::checkout_request wanted;
  wanted.cart_id = now ? now->cart_id : b.cart;
  wanted.purchase = std::move(now);
  wanted.currency = "EUR";
  wanted.email = p.email;
  wanted.shipping_address = home();
  wanted.instrument = {
      {world_.ids.next_v7()}, {}, "card", world_.seal.seal(token_of(p.email)), "tok_***"};
  if (world_.random.chance(25)) {
    wanted.credit.gift_card_keys = {gift_card_keys_[world_.random.below(gift_card_keys_.size())]};
  }
  wanted.credit.use_store_credit = world_.random.chance(30);
  const auto see = [&p](const cart::cart_content& c) {
    auto& lines = p.carts.emplace_back();
    for (const auto& i : c.items) {
      lines[{i.product_id, i.properties.value_or(line_properties{}), i.note.value_or("")}] +=
          i.quantity;
    }
  };
  r->make_checkout = [this, wanted, see, context = r->context](checkout_run::done_callback done) {
    auto attempt = wanted;
    attempt.order_id = attempt.instrument.order_id = {world_.ids.next_v7()};
    attempt.async = world_.random.chance(40);
    attempt.rules = world_.rules();
    return std::make_shared<checkout_run>(world_, context, std::move(attempt), see,
                                          std::move(done));
  };
  r->first_answer = [&p](const kernel::answer& a) {
    if (a.error) {
      p.refused = a.error->code;
    } else {
      p.order = value_of<order::order_view>(a).order_id;
    }
  };
  r->next_answer = [this, &p](const kernel::answer& a) {
    if (a.error ? p.refused != a.error->code : p.order != value_of<order::order_view>(a).order_id) {
      violated("a repeat of " + p.email + " was answered differently from the first");
    }
  };
  send(r);
}

void buyers::merge(buyer& b) {
  auto r = start(b, "cart", "merge");
  r->make = [cart = b.cart, user = b.who.user] {
    return any_message::of(cart::merge_cart{cart, user, std::nullopt});
  };
  r->first_answer = [this, &b](const kernel::answer& a) {
    if (a.error) return violated("merge rejected: " + a.error->code);
    b.merged.push_back(std::exchange(b.cart, value_of<cart::cart_content>(a).cart_id));
  };
  r->next_answer = [this](const kernel::answer& a) {
    if (a.error) violated("merged, then rejected: " + a.error->code);
  };
  send(r);
}

void buyers::delete_account(buyer& b) {
  auto r = start(b, "user", "delete");
  r->make = [id = b.who.user] { return any_message::of(user::delete_account{id, "hash"}); };
  r->first_answer = [this, &b](const kernel::answer& a) {
    if (a.error) return violated("delete_account rejected: " + a.error->code);
    b.account_deleted = true;
  };
  r->next_answer = [this](const kernel::answer& a) {
    if (a.error) violated("account deleted, then rejected: " + a.error->code);
  };
  send(r);
}

// --- the network
// -----------------------------------------------------------------------------------

std::optional<std::int64_t> buyers::quantity_max_of(stoa::product_id id) const {
  for (const auto& p : products_) {
    if (p.id == id) return p.quantity_max;
  }
  return std::nullopt;
}

std::int64_t buyers::price_of(stoa::product_id id) const {
  const auto found =
      std::find_if(products_.begin(), products_.end(), [&](const auto& p) { return p.id == id; });
  return found->price.amount;
}

void buyers::send(const std::shared_ptr<request>& r) {
  ++r->attempts;
  bool faults = r->attempts < attempts_max;
  if (faults && world_.random.chance(request_lost_percent)) return;
  auto what = world_.traced() ? r->context.request_id + " asks" : std::string();
  world_.outside.push_back(
      {what, [this, r, faults] {
         const auto done = [this, r, faults](const kernel::answer& a) {
           if (faults && world_.random.chance(answer_lost_percent)) return;
           auto& way = world_.random.chance(answer_sent_percent) ? world_.outside : world_.inside;
           way.push_back({"answer to " + r->context.request_id, [this, r, a] { answered(*r, a); }});
         };
         if (r->make_checkout) return world_.begin(r->make_checkout(done));
         kernel::job j;
         j.context = r->context;
         j.message = r->make();
         j.done = done;
         world_.at(r->service).writer->add(std::move(j));
       }});
}

void buyers::answered(request& r, const kernel::answer& a) {
  if (world_.traced()) {
    world_.say("  " + r.context.request_id + (a.error ? ": " + a.error->code : " has its answer"));
  }
  if (open_question(a)) return;  // The next attempt will show.
  if (r.answered) return r.next_answer(a);
  r.answered = true;
  r.first_answer(a);
}

}  // namespace stoa::simulation
