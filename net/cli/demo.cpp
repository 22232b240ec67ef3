// `stoa demo`.

#include "net/shopify/demo.hpp"

#include "net/cli/commands.hpp"
#include "net/cli/import_report.hpp"
#include "net/cli/offline_catalog.hpp"
#include "net/cli/progress.hpp"
#include "net/cli/subcommands.hpp"
#include "storage/catalog/catalog_store.hpp"

#include <algorithm>
#include <cstdio>
#include <vector>

namespace stoa::cli {

namespace {

constexpr std::size_t offline_page_products = 10'000;

shopify::demo_store store_of(const settings& s, const demo_options& o) {
  return {o.products, o.stock, o.seed, s.store.currency};
}

std::vector<product_id> present_ids(db::connection& c) {
  std::vector<product_id> all;
  std::vector<product_id> page;
  do {
    page = catalog::product_ids_after(c, all.empty() ? std::nullopt : std::optional(all.back()),
                                      offline_page_products);
    all.insert(all.end(), page.begin(), page.end());
  } while (page.size() == offline_page_products);
  return all;
}

/// Number of the store's products that this demo did not create.
std::size_t count_others(const std::vector<product_id>& present, shopify::demo_store demo) {
  std::vector<product_id> own;
  own.reserve(demo.size());
  while (auto product = demo.next()) own.push_back(shopify::id_for(product->handle));
  std::sort(own.begin(), own.end());
  return static_cast<std::size_t>(std::count_if(
      present.begin(), present.end(),
      [&](const product_id& id) { return !std::binary_search(own.begin(), own.end(), id); }));
}

}  // namespace

int run_demo(const settings& s, const demo_options& o) {
  offline_catalog catalog(s);
  auto present = present_ids(catalog.database());
  std::size_t others = present.empty() ? 0 : count_others(present, store_of(s, o));
  if (others > 0) {
    std::fprintf(
        stderr,
        "stoa: the store in %s has %zu products that do not belong to this demo (%zu products,"
        " seed %llu); choose another --data\n",
        printable(s.data.dir).c_str(), others, o.products, static_cast<unsigned long long>(o.seed));
    return exit_failed;
  }
  progress_bar bar("loading the demo store", o.products, progress_bar::unit::products);
  import_report report("demo", bar);
  shopify::mapping_options options;
  options.currency = s.store.currency;
  shopify::catalog_loader loader(catalog, options, report);
  auto demo = store_of(s, o);
  while (auto product = demo.next()) {
    loader.add(*product);
    bar.update(loader.counts().all());
  }
  loader.finish();
  report.finish();
  const auto& counts = loader.counts();
  double seconds = std::max(bar.seconds(), 0.001);
  std::printf("demo store: %zu created, %zu updated, %zu unchanged in %.1f s (%.0f products/s)\n",
              counts.created, counts.updated, counts.unchanged, seconds,
              static_cast<double>(counts.all()) / seconds);
  return report.errors() == 0 ? exit_done : exit_failed;
}

}  // namespace stoa::cli
