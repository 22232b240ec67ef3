#include "storage/db/migrate.hpp"
#include "storage/db/sqlite.hpp"
#include "tests/simulation/world.hpp"

#include <array>

namespace stoa::simulation {

namespace {

constexpr std::array<std::string_view, 6> service_names{"user",  "catalog", "cart",
                                                        "order", "payment", "notification"};

void fill_catalog(const catalog::catalog_service& service, world_template& to) {
  manual_clock time{{1'700'000'000'000'000}};
  seeded_ids ids(time, 1);
  kernel::writer_environment environment;
  environment.time = &time;
  environment.ids = &ids;
  auto d = definition_of(service);
  auto writer = d.make_writer(*to.databases["catalog"], environment);
  for (std::size_t i = 0; i < world_template::products_max; ++i) {
    catalog::create_product c;
    c.product.name = "Product " + std::to_string(i);
    c.product.price = money{100 * static_cast<std::int64_t>(i + 1) + 99, "EUR"};
    kernel::job j;
    j.context.who.kind = kernel::caller_kind::system;
    j.message = kernel::any_message::of(c);
    j.done = [&](kernel::answer a) {
      auto made = kernel::typed<catalog::product_view>(std::move(a)).value;
      if (!made) throw std::logic_error("no product: " + made.error().detail);
      to.products.push_back({made->product_id, *c.product.name, *c.product.price});
    };
    writer->add(std::move(j));
    writer->flush(1);
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
}

}  // namespace stoa::simulation
