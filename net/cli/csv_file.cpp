// `stoa import csv` and `stoa export csv`: Stoa's product CSV. Both read their input twice: an
// import rejects a file with a damaged structure as a whole, and the header of an export names
// every column that any product needs.

#include "net/cli/commands.hpp"
#include "net/cli/file_commands.hpp"
#include "net/cli/import_file.hpp"
#include "net/cli/offline_catalog.hpp"
#include "net/cli/progress.hpp"
#include "net/product_csv/product_reader.hpp"
#include "net/product_csv/product_writer.hpp"
#include "net/shopify/line_loader.hpp"
#include "storage/db/migrate.hpp"
#include "storage/db/sqlite.hpp"

#include <functional>
#include <stdexcept>

namespace stoa::cli {

namespace {

/// Products of one query.
constexpr std::int64_t csv_products_at_once = 100;

void for_each_line(const catalog::catalog_service& service, db::connection& c,
                   const export_selection& selected,
                   const std::function<void(const std::string&)>& take) {
  const auto context = offline_service<catalog::catalog_service>::system_context();
  catalog::export_lines query{"product", std::nullopt, csv_products_at_once, selected.updated_since,
                              selected.status};
  do {
    const auto page = service.read(query, context, c);
    if (!page) throw std::runtime_error("cannot read the catalogue: " + page.error().detail);
    for (const auto& line : page->lines) take(line);
    query.after = page->next;
  } while (query.after);
}

}  // namespace

int import_csv_file(const settings& s, const import_options& o, const std::string& name,
                    rereadable_file& file) {
  if (const auto bad = product_csv::structure_error(file.from_start())) {
    return import_failed(name, *bad);
  }
  product_csv::product_reader from(file.from_start(), s.store.currency);
  if (!from.fatal().empty()) return import_failed(name, from.fatal());
  settings used = s;
  std::optional<scratch_store> scratch;
  if (o.dry_run) scratch.emplace(used);
  offline_catalog catalog(used);
  progress_bar bar("importing", 0, progress_bar::unit::products);
  import_report report(name, bar);
  shopify::line_loader loader(catalog, {o.set_stock, o.dry_run}, report);
  while (loader.add_next(from)) bar.update(loader.counts().all());
  loader.flush();
  report.finish();
  return end_import(
      name, o, {loader.counts(), loader.rows(), loader.rows_refused(), file.size(), bar.seconds()},
      report);
}

export_counts export_csv_file(const settings& s, const export_options& o, std::ostream& out) {
  const catalog::catalog_service service(catalog::options_of(s));
  const auto database = database_of(s, "catalog")->open(db::access::read);
  db::check_migrated(*database, "catalog");
  db::read_scope one_state(*database);
  product_csv::column_collector columns;
  for_each_line(service, *database, o.selected,
                [&](const std::string& line) { columns.add(line); });
  product_csv::product_writer writer(out, columns.names());
  writer.write_header();
  progress_bar bar("exporting", 0, progress_bar::unit::products);
  export_counts counts;
  for_each_line(service, *database, o.selected, [&](const std::string& line) {
    writer.write(line);
    bar.update(++counts.written);
  });
  return counts;
}

}  // namespace stoa::cli
