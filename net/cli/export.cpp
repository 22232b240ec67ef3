// `stoa export shopify`: two passes over one snapshot of the catalogue, because the header names
// every column that any product uses.

#include "actors/catalog/catalog_service.hpp"
#include "actors/kernel/node.hpp"
#include "net/cli/commands.hpp"
#include "net/cli/import_report.hpp"
#include "net/cli/offline_service.hpp"
#include "net/cli/progress.hpp"
#include "net/cli/remote_catalog.hpp"
#include "net/cli/server_session.hpp"
#include "net/cli/subcommands.hpp"
#include "net/shopify/catalog_export.hpp"
#include "net/shopify/catalog_mapping.hpp"
#include "net/shopify/shopify_csv.hpp"
#include "storage/db/migrate.hpp"
#include "storage/db/sqlite.hpp"

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <stdexcept>
#include <unistd.h>

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

class exporter {
 public:
  exporter(const settings& s)
      : currency_(s.store.currency),
        service_({s.store.currency, seconds{s.catalog.reservation_ttl_s}}),
        database_(database_of(s, "catalog")->open(db::access::read)) {
    db::check_migrated(*database_, "catalog");
  }

  void write(std::ostream& out) {
    db::read_scope one_state(*database_);
    shopify::export_columns columns;
    std::size_t products = 0;
    for_each_product(service_, *database_, [&](const catalog::exported_product& e) {
      ++products;
      if (auto made = shopify::from_catalog(e, currency_)) columns.add(*made);
    });
    shopify::writer writer(out, currency_, columns.names());
    writer.write_header();
    progress_bar bar("exporting", products, progress_bar::unit::products);
    for_each_product(service_, *database_, [&](const catalog::exported_product& e) {
      auto made = shopify::from_catalog(e, currency_);
      if (made) {
        writer.write_product(*made);
        ++written_;
        bar.update(written_);
      } else {
        bar.clear();
        left_out(e.product, made.error().detail);
      }
    });
    for (const auto& name : writer.columns_left_out()) {
      ++columns_left_out_;
      if (columns_left_out_ > listed_max) continue;
      std::fprintf(stderr, "stoa: the column \"%s\" is not exported: there are too many\n",
                   printable(name).c_str());
    }
  }

  std::size_t written() const { return written_; }
  std::size_t left_out() const { return left_out_; }
  bool whole() const { return left_out_ == 0 && columns_left_out_ == 0; }

 private:
  void left_out(const catalog::product_view& p, const std::string& why) {
    if (++left_out_ > listed_max) return;
    std::fprintf(stderr, "stoa: the product %s (\"%s\") is not exported: %s\n",
                 p.product_id.str().c_str(), printable(p.name).c_str(), printable(why).c_str());
  }

  std::string currency_;
  catalog::catalog_service service_;
  std::unique_ptr<db::connection> database_;
  std::size_t written_ = 0;
  std::size_t left_out_ = 0;
  std::size_t columns_left_out_ = 0;
};

/// Writes a temporary file first, so that a failed export leaves the old file intact.
int write_file(const std::string& file, const std::function<void(std::ostream&)>& write) {
  std::string part = file + ".part";
  std::ofstream out(part, std::ios::binary | std::ios::trunc);
  if (!out) {
    std::fprintf(stderr, "stoa: cannot write %s\n", printable(part).c_str());
    return exit_failed;
  }
  std::error_code error;
  try {
    write(out);
  } catch (...) {
    std::filesystem::remove(part, error);
    throw;
  }
  out.close();
  if (out) std::filesystem::rename(part, file, error);
  if (!out || error) {
    std::fprintf(stderr, "stoa: cannot write %s%s%s\n", printable(file).c_str(), error ? ": " : "",
                 error ? error.message().c_str() : "");
    std::filesystem::remove(part, error);
    return exit_failed;
  }
  return exit_done;
}

int write_output(const std::string& file, const std::function<void(std::ostream&)>& write) {
  if (file != "-") return write_file(file, write);
  write(std::cout);
  std::cout.flush();
  if (std::cout) return exit_done;
  std::fprintf(stderr, "stoa: cannot write to standard output\n");
  return exit_failed;
}

int say_exported(std::size_t written, std::size_t left_out, bool whole) {
  std::fprintf(stderr, "%zu products exported", written);
  if (left_out > 0) std::fprintf(stderr, ", %zu not", left_out);
  std::fputs("\n", stderr);
  return whole ? exit_done : exit_partly;
}

int export_from_server(const export_options& o) {
  auto session = open_session(o.server);
  if (!session) {
    std::fprintf(stderr, "stoa: %s\n", session.error().detail.c_str());
    return exit_usage;
  }
  remote_export all(**session);
  const int code = write_output(o.file, [&](std::ostream& out) { all.write(out); });
  if (code != exit_done) return code;
  return say_exported(all.written(), all.left_out(), all.whole());
}

}  // namespace

int run_export_shopify(const settings& s, const export_options& o) {
  if (!o.server.url.empty()) return export_from_server(o);
  if (s.data.store == "sqlite" &&
      !std::filesystem::exists(kernel::database_path(s.data.dir, "catalog"))) {
    std::fprintf(stderr, "stoa: no store in %s\n", printable(s.data.dir).c_str());
    return exit_failed;
  }
  exporter all(s);
  const int code = write_output(o.file, [&](std::ostream& out) { all.write(out); });
  if (code != exit_done) return code;
  return say_exported(all.written(), all.left_out(), all.whole());
}

}  // namespace stoa::cli
