// `stoa export shopify`: two passes over one snapshot of the catalogue, because the header names
// every column that any product uses.

#include "actors/catalog/catalog_service.hpp"
#include "net/cli/commands.hpp"
#include "net/cli/file_commands.hpp"
#include "net/cli/import_report.hpp"
#include "net/cli/offline_service.hpp"
#include "net/cli/progress.hpp"
#include "net/shopify/catalog_export.hpp"
#include "net/shopify/catalog_mapping.hpp"
#include "net/shopify/shopify_csv.hpp"
#include "storage/db/migrate.hpp"
#include "storage/db/sqlite.hpp"

#include <cstdio>
#include <functional>
#include <stdexcept>

namespace stoa::cli {

namespace {

constexpr std::int64_t page_products = 100;
constexpr std::size_t listed_max = 100;

using product_sink = std::function<void(const catalog::exported_product&)>;

void for_each_product(const catalog::catalog_service& service, db::connection& c,
                      const product_sink& sink) {
  auto context = offline_service<catalog::catalog_service>::system_context();
  catalog::export_products query{std::nullopt, page_products};
  do {
    auto page = service.read(query, context, c);
    if (!page) throw std::runtime_error("cannot read the catalogue: " + page.error().detail);
    for (const auto& one : page->data) sink(one);
    query.after = page->next;
  } while (query.after);
}

bool is_selected(const export_selection& selected, const catalog::product_view& p) {
  return (!selected.updated_since || p.updated_at >= *selected.updated_since) &&
         (!selected.status || p.status == *selected.status);
}

void list_left_out(const catalog::product_view& p, const std::string& why) {
  std::fprintf(stderr, "stoa: the product %s (\"%s\") is not exported: %s\n",
               p.product_id.str().c_str(), printable(p.name).c_str(), printable(why).c_str());
}

void list_columns_left_out(const shopify::writer& writer, export_counts& counts) {
  for (const auto& name : writer.columns_left_out()) {
    if (++counts.columns_left_out > listed_max) continue;
    std::fprintf(stderr, "stoa: the column \"%s\" is not exported: there are too many\n",
                 printable(name).c_str());
  }
}

}  // namespace

export_counts export_shopify_file(const settings& s, const export_options& o, std::ostream& out) {
  const auto& currency = s.store.currency;
  const catalog::catalog_service service(catalog::options_of(s));
  const auto database = database_of(s, "catalog")->open(db::access::read);
  db::check_migrated(*database, "catalog");
  db::read_scope one_state(*database);
  shopify::export_columns columns;
  std::size_t products = 0;
  for_each_product(service, *database, [&](const catalog::exported_product& e) {
    ++products;
    if (auto made = shopify::from_catalog(e, currency)) columns.add(*made);
  });
  shopify::writer writer(out, currency, columns.names());
  writer.write_header();
  progress_bar bar("exporting", products, progress_bar::unit::products);
  export_counts counts;
  for_each_product(service, *database, [&](const catalog::exported_product& e) {
    if (!is_selected(o.selected, e.product)) return;
    const auto made = shopify::from_catalog(e, currency);
    if (made) {
      writer.write_product(*made);
      bar.update(++counts.written);
    } else if (++counts.left_out <= listed_max) {
      bar.clear();
      list_left_out(e.product, made.error().detail);
    }
  });
  list_columns_left_out(writer, counts);
  return counts;
}

}  // namespace stoa::cli
