// `stoa import shopify`.

#include "net/cli/commands.hpp"
#include "net/cli/file_commands.hpp"
#include "net/cli/import_file.hpp"
#include "net/cli/offline_catalog.hpp"
#include "net/cli/progress.hpp"
#include "net/shopify/shopify_csv.hpp"

#include <memory>

namespace stoa::cli {

namespace {

void take_errors(shopify::reader& from, import_report& into) {
  for (const auto& e : from.errors()) into.add(e);
  from.errors().clear();
}

/// Loads the products of the reader. Returns the exit code.
int load_products(shopify::reader& reader, std::istream& in, const std::string& name,
                  std::uint64_t size, const import_options& o, settings s,
                  std::shared_ptr<const shopify::duplicate_skus> doubled) {
  std::optional<scratch_store> scratch;
  if (o.dry_run) scratch.emplace(s);
  offline_catalog catalog(s);
  progress_bar bar("importing", size, progress_bar::unit::bytes);
  import_report report(name, bar);
  report.columns(reader.columns(), o.set_stock);
  shopify::mapping_options mapping{s.store.currency, o.set_stock, o.dry_run, reader.columns()};
  mapping.doubled = std::move(doubled);
  shopify::catalog_loader loader(catalog, std::move(mapping), report);
  while (auto product = reader.next()) {
    take_errors(reader, report);
    loader.add(*product);
    bar.update(reader.statistics().bytes);
  }
  take_errors(reader, report);
  loader.finish();
  const auto& read = reader.statistics();
  report.add_unlisted(read.errors_lost);
  report.finish();
  const int code = end_import(
      name, o, {loader.counts(), read.rows, read.rows_skipped, read.bytes, bar.seconds()}, report);
  if (in.bad()) return import_failed(name, "read error; the rest of the file is not imported");
  return code;
}

}  // namespace

int import_shopify_file(const settings& s, const import_options& o, const std::string& name,
                        rereadable_file& file) {
  std::shared_ptr<const shopify::duplicate_skus> doubled;
  {
    shopify::reader first(file.from_start(), s.store.currency);
    if (first.fatal().empty()) doubled = std::make_shared<const shopify::duplicate_skus>(first);
  }
  auto& in = file.from_start();
  shopify::reader reader(in, s.store.currency);
  if (!reader.fatal().empty()) {
    return import_failed(name, in.bad() ? "read error" : reader.fatal());
  }
  return load_products(reader, in, name, file.size(), o, s, std::move(doubled));
}

}  // namespace stoa::cli
