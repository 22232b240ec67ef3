// `stoa import jsonl` and `stoa export jsonl`.

#include "actors/kernel/node.hpp"
#include "actors/pricing/pricing_service.hpp"
#include "net/cli/commands.hpp"
#include "net/cli/file_commands.hpp"
#include "net/cli/import_file.hpp"
#include "net/cli/offline_catalog.hpp"
#include "net/cli/progress.hpp"
#include "net/shopify/line_loader.hpp"
#include "net/shopify/line_pages.hpp"
#include "storage/db/migrate.hpp"
#include "storage/db/sqlite.hpp"

#include <filesystem>
#include <memory>
#include <optional>
#include <stdexcept>
#include <utility>

namespace stoa::cli {

namespace {

/// Objects of one query.
constexpr std::int64_t objects_at_once = 100;

/// Reads the databases of the catalogue and of the price lists, each in one state. A folder into
/// which a catalogue was imported may have no price lists yet.
class export_source {
 public:
  explicit export_source(const settings& s)
      : catalog_(catalog::options_of(s)),
        pricing_(pricing::options_of(s)),
        catalog_database_(open(s, "catalog")),
        catalog_state_(*catalog_database_) {
    const bool has_prices = s.data.store != "sqlite" ||
                            std::filesystem::exists(kernel::database_path(s.data.dir, "pricing"));
    if (!has_prices) return;
    pricing_database_ = open(s, "pricing");
    pricing_state_.emplace(*pricing_database_);
  }

  template <class Query>
  typename Query::reply read(const Query& q) {
    if constexpr (Query::name.starts_with("pricing.")) {
      if (!pricing_database_) return {};
      return read_of(pricing_, q, *pricing_database_);
    } else {
      return read_of(catalog_, q, *catalog_database_);
    }
  }

 private:
  static std::unique_ptr<db::connection> open(const settings& s, const std::string& service) {
    auto database = database_of(s, service)->open(db::access::read);
    db::check_migrated(*database, service);
    return database;
  }
  template <class Service, class Query>
  static typename Query::reply read_of(const Service& service, const Query& q, db::connection& c) {
    auto page = service.read(q, offline_service<Service>::system_context(), c);
    if (!page) throw std::runtime_error("cannot read the store: " + page.error().detail);
    return std::move(*page);
  }

  catalog::catalog_service catalog_;
  pricing::pricing_service pricing_;
  std::unique_ptr<db::connection> catalog_database_;
  db::read_scope catalog_state_;
  std::unique_ptr<db::connection> pricing_database_;
  std::optional<db::read_scope> pricing_state_;
};

/// False when the file cannot be read to its end.
bool load_lines(shopify::line_splitter& from, shopify::line_loader& loader, progress_bar& bar) {
  try {
    while (loader.add_next(from)) bar.update(from.bytes());
  } catch (const std::ios_base::failure&) {
    return false;
  }
  return true;
}

}  // namespace

int import_lines_file(const settings& s, const import_options& o, const std::string& name,
                      rereadable_file& file) {
  auto& in = file.from_start();
  if (in.peek() == std::istream::traits_type::eof()) {
    return import_failed(name, in.bad() ? "read error" : "the file is empty");
  }
  settings used = s;
  std::optional<scratch_store> scratch;
  if (o.dry_run) scratch.emplace(used);
  offline_catalog catalog(used);
  progress_bar bar("importing", file.size(), progress_bar::unit::bytes);
  import_report report(name, bar);
  shopify::line_loader loader(catalog, {o.set_stock, o.dry_run}, report);
  shopify::line_splitter from(in);
  const bool whole = load_lines(from, loader, bar);
  loader.flush();
  report.finish();
  const int code = end_import(
      name, o, {loader.counts(), loader.rows(), loader.rows_refused(), from.bytes(), bar.seconds()},
      report);
  if (!whole) return import_failed(name, "read error; the rest of the file is not imported");
  return code;
}

export_counts export_lines_file(const settings& s, const export_options& o, std::ostream& out) {
  export_source from(s);
  progress_bar bar("exporting", 0, progress_bar::unit::products);
  export_counts counts;
  catalog::export_lines query;
  query.limit = objects_at_once;
  query.updated_since = o.selected.updated_since;
  query.status = o.selected.status;
  for (std::optional at = shopify::first_line_position(); at;) {
    auto page = shopify::read_line_page(*at, query, [&](const auto& q) { return from.read(q); });
    for (const auto& line : page.lines) out << line << '\n';
    counts.written += page.lines.size();
    bar.update(counts.written);
    at = shopify::next_line_position(*at, std::move(page.next));
  }
  return counts;
}

}  // namespace stoa::cli
