#include "storage/db/migrate.hpp"
#include "storage/db/sqlite.hpp"
#include "tests/simulation/world.hpp"

#include <array>

namespace stoa::simulation {

namespace {

constexpr std::array<std::string_view, 7> service_names{
    "user", "catalog", "cart", "order", "payment", "pricing", "notification"};

/// The service's writer, for commands at the start.
class setter {
 public:
  template <class S>
  setter(const S& service, db::connection& database) {
    kernel::writer_environment environment;
    environment.time = &time_;
    environment.ids = &ids_;
    writer_ = definition_of(service).make_writer(database, environment);
  }
  template <class C>
  typename C::reply run(C command) {
    std::optional<result<typename C::reply>> reply;
    kernel::job j;
    j.context.who.kind = kernel::caller_kind::system;
    j.message = kernel::any_message::of(std::move(command));
    j.done = [&](kernel::answer a) {
      reply = kernel::typed<typename C::reply>(std::move(a)).value;
    };
    writer_->add(std::move(j));
    writer_->flush(1);
    if (!reply.value()) throw std::logic_error("world: " + reply->error().detail);
    return std::move(**reply);
  }

 private:
  manual_clock time_{{1'700'000'000'000'000}};
  seeded_ids ids_{time_, 1};
  std::unique_ptr<kernel::writer_core> writer_;
};

void fill_catalog(const catalog::catalog_service& service, world_template& to) {
  setter catalog(service, *to.databases["catalog"]);
  for (std::size_t i = 0; i < world_template::products_max; ++i) {
    catalog::create_product c;
    c.product.name = "Product " + std::to_string(i);
    c.product.price = money{100 * static_cast<std::int64_t>(i + 1) + 99, "EUR"};
    // Carts may have more of the first one than may be ordered.
    if (i == 0) c.product.quantity_max = 4;
    const auto made = catalog.run(c);
    to.products.push_back(
        {made.product_id, *c.product.name, *c.product.price, c.product.quantity_max});
  }
  // The buyers live in Greece.
  for (const char* country : {"GR", "CY"}) {
    catalog::create_location c;
    c.location.name = country;
    c.location.address = catalog::location_address{country};
    to.locations.push_back(catalog.run(c).location_id);
  }
}

/// An automatic promotion for two orders, one with single-use codes, and one with a code that each
/// customer may use once.
void fill_pricing(const pricing::pricing_service& service, world_template& to) {
  setter pricing(service, *to.databases["pricing"]);
  const auto create = [&](std::uint64_t number, pricing::promotion_trigger trigger,
                          std::int64_t basis_points) {
    pricing::create_promotion c;
    c.promotion_id = {make_uuid_v7(number, 0, 0)};
    c.terms.name = "Promotion " + std::to_string(number);
    c.terms.trigger = trigger;
    c.terms.combines_with = {pricing::discount_target::items, pricing::discount_target::order};
    c.terms.discount.type = pricing::discount_type::percentage;
    c.terms.discount.target = pricing::discount_target::order;
    c.terms.discount.basis_points = basis_points;
    return c;
  };
  auto automatic = create(1, pricing::promotion_trigger::automatic, 1'000);
  automatic.terms.uses_max = 2;
  pricing.run(automatic);
  const auto single = create(2, pricing::promotion_trigger::code, 333);
  pricing.run(single);
  pricing.run(pricing::add_codes{single.promotion_id, {"ONCE-1", "ONCE-2"}, 1});
  auto each = create(3, pricing::promotion_trigger::code, 2'500);
  each.terms.uses_per_customer_max = 1;
  pricing.run(each);
  pricing.run(pricing::add_codes{each.promotion_id, {"WELCOME"}, std::nullopt});
  to.codes = {"ONCE-1", "ONCE-2", "WELCOME"};
  for (std::uint64_t i = 1; i <= 2; ++i) {
    const auto key = "card-" + std::to_string(i);
    pricing.run(pricing::issue_gift_card{
        {make_uuid_v7(100 + i, 0, 0)}, key, "sealed", "0000", {initial_credit, "EUR"}, {}, {}});
    to.gift_card_keys.push_back(key);
  }
}

}  // namespace

world_template::world_template() {
  for (auto name : service_names) {
    auto c = db::open_sqlite(":memory:", db::sqlite_mode::memory);
    const std::array<std::string_view, 2> modules{"kernel", name};
    db::migrate(*c, "sqlite", modules);
    databases.emplace(name, std::move(c));
  }
  fill_catalog(services.catalog, *this);
  fill_pricing(services.pricing, *this);
}

}  // namespace stoa::simulation
