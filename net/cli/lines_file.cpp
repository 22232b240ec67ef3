// `stoa import jsonl` and `stoa export jsonl`.

#include "actors/catalog/line_types.hpp"
#include "net/cli/commands.hpp"
#include "net/cli/file_commands.hpp"
#include "net/cli/import_file.hpp"
#include "net/cli/offline_catalog.hpp"
#include "net/cli/progress.hpp"
#include "net/shopify/line_loader.hpp"
#include "storage/db/migrate.hpp"
#include "storage/db/sqlite.hpp"

#include <stdexcept>

namespace stoa::cli {

namespace {

/// Objects of one query.
constexpr std::int64_t objects_at_once = 100;

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
  const catalog::catalog_service service(catalog::options_of(s));
  const auto database = database_of(s, "catalog")->open(db::access::read);
  db::check_migrated(*database, "catalog");
  db::read_scope one_state(*database);
  const auto context = offline_service<catalog::catalog_service>::system_context();
  progress_bar bar("exporting", 0, progress_bar::unit::products);
  export_counts counts;
  for (const auto& type : catalog::line_types()) {
    catalog::export_lines query{std::string(type.name), std::nullopt, objects_at_once,
                                o.selected.updated_since, o.selected.status};
    do {
      const auto page = service.read(query, context, *database);
      if (!page) throw std::runtime_error("cannot read the catalogue: " + page.error().detail);
      for (const auto& line : page->lines) out << line << '\n';
      counts.written += page->lines.size();
      bar.update(counts.written);
      query.after = page->next;
    } while (query.after);
  }
  return counts;
}

}  // namespace stoa::cli
