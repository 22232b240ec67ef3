#include "net/shopify/export_parts.hpp"

#include "actors/catalog/catalog_messages.hpp"
#include "config/log.hpp"
#include "net/product_csv/product_writer.hpp"
#include "net/shopify/catalog_export.hpp"
#include "net/shopify/catalog_mapping.hpp"
#include "net/shopify/line_pages.hpp"
#include "net/shopify/shopify_csv.hpp"
#include "storage/base/json_read.hpp"

#include <sstream>
#include <stdexcept>

namespace stoa::shopify {

namespace {

/// Few, so that no query holds the catalogue's readers for long.
constexpr std::int64_t objects_at_once = 50;

template <class Query>
typename Query::reply read_page(service_calls& calls, Query q) {
  auto a = calls.query(kernel::any_message::of(std::move(q)));
  if (a.error) throw std::runtime_error("cannot read the catalogue: " + a.error->detail);
  return std::move(*static_cast<typename Query::reply*>(a.value.get()));
}

std::vector<std::string> stored_names(const std::string& columns) {
  auto names = json::read_lenient<std::vector<std::string>>(columns);
  if (!names) throw std::runtime_error("unreadable columns: " + names.error().detail);
  return std::move(*names);
}

catalog::export_lines lines_query(const catalog::export_start& start, std::string type) {
  catalog::export_lines q;
  q.type = std::move(type);
  q.limit = objects_at_once;
  q.updated_since = start.updated_since;
  q.status = start.status;
  return q;
}

class jsonl_parts final : public export_parts {
 public:
  jsonl_parts(const catalog::export_start& start, service_calls& calls)
      : start_(start), calls_(calls) {}

  std::string columns() override { return {}; }

  export_piece next(const std::string& position) override {
    std::optional<line_position> at = first_line_position();
    if (!position.empty()) {
      auto stored = json::read_lenient<line_position>(position);
      if (!stored) throw std::runtime_error("unreadable position: " + stored.error().detail);
      at = std::move(*stored);
    }
    export_piece piece;
    while (at && piece.content.size() < catalog::export_part_bytes) {
      auto page = read_line_page(*at, lines_query(start_, {}),
                                 [&](auto q) { return read_page(calls_, std::move(q)); });
      piece.objects += static_cast<std::int64_t>(page.lines.size());
      for (const auto& line : page.lines) piece.content += line + '\n';
      at = next_line_position(*at, std::move(page.next));
    }
    piece.is_last = !at;
    if (at) piece.position = json::write(*at);
    return piece;
  }

 private:
  catalog::export_start start_;
  service_calls& calls_;
};

/// A file with a header, whose columns a first pass collects.
class table_parts : public export_parts {
 public:
  table_parts(const catalog::export_start& start, service_calls& calls)
      : start_(start), calls_(calls), columns_(start.columns) {}

  std::string columns() override {
    if (columns_.empty()) columns_ = json::write(collect());
    return columns_;
  }

  export_piece next(const std::string& position) override {
    std::ostringstream file;
    export_piece piece;
    std::optional<std::string> after;
    if (!position.empty()) after = position;
    write(file, stored_names(columns()), after, piece);
    piece.is_last = !after;
    if (after) piece.position = *after;
    piece.content = std::move(file).str();
    return piece;
  }

 protected:
  virtual std::vector<std::string> collect() = 0;
  /// Writes until the part is large enough; moves `after`, which is empty at the end.
  virtual void write(std::ostringstream& file, const std::vector<std::string>& names,
                     std::optional<std::string>& after, export_piece& piece) = 0;

  static bool is_full(std::ostringstream& file) {
    return static_cast<std::size_t>(file.tellp()) >= catalog::export_part_bytes;
  }

  catalog::export_start start_;
  service_calls& calls_;

 private:
  std::string columns_;
};

class csv_parts final : public table_parts {
 public:
  using table_parts::table_parts;

 private:
  std::vector<std::string> collect() override {
    product_csv::column_collector found;
    auto q = lines_query(start_, "product");
    do {
      const auto page = read_page(calls_, q);
      for (const auto& line : page.lines) found.add(line);
      q.after = page.next;
    } while (q.after);
    return found.names();
  }

  void write(std::ostringstream& file, const std::vector<std::string>& names,
             std::optional<std::string>& after, export_piece& piece) override {
    product_csv::product_writer writer(file, names);
    if (!after) writer.write_header();
    do {
      auto q = lines_query(start_, "product");
      q.after = after;
      const auto page = read_page(calls_, std::move(q));
      for (const auto& line : page.lines) writer.write(line);
      piece.objects += static_cast<std::int64_t>(page.lines.size());
      after = page.next;
    } while (after && !is_full(file));
  }
};

class shopify_parts final : public table_parts {
 public:
  shopify_parts(const catalog::export_start& start, service_calls& calls, std::string currency)
      : table_parts(start, calls), currency_(std::move(currency)) {}

 private:
  std::vector<std::string> collect() override {
    export_columns found;
    catalog::export_products q{std::nullopt, objects_at_once};
    do {
      const auto page = read_page(calls_, q);
      for (const auto& one : page.data) {
        if (auto product = from_catalog(one, currency_)) found.add(*product);
      }
      q.after = page.next;
    } while (q.after);
    return found.names();
  }

  void write(std::ostringstream& file, const std::vector<std::string>& names,
             std::optional<std::string>& after, export_piece& piece) override {
    writer to(file, currency_, names);
    if (!after) to.write_header();
    do {
      std::optional<stoa::product_id> behind;
      if (after) behind = stoa::product_id::parse(*after);
      const auto page = read_page(calls_, catalog::export_products{behind, objects_at_once});
      for (const auto& one : page.data) {
        if (is_selected(one)) write_one(to, one, piece);
      }
      after.reset();
      if (page.next) after = page.next->str();
    } while (after && !is_full(file));
  }

  bool is_selected(const catalog::exported_product& one) const {
    return (!start_.updated_since || one.product.updated_at >= *start_.updated_since) &&
           (!start_.status || one.product.status == *start_.status);
  }

  void write_one(writer& to, const catalog::exported_product& one, export_piece& piece) const {
    if (auto product = from_catalog(one, currency_)) {
      to.write_product(*product);
      ++piece.objects;
    } else {
      ++piece.left_out;
      log::warn("product not exported",
                {{"product_id", one.product.product_id.str()}, {"reason", product.error().detail}});
    }
  }

  std::string currency_;
};

}  // namespace

std::unique_ptr<export_parts> parts_of(const catalog::export_start& start, service_calls& calls,
                                       const std::string& currency) {
  switch (start.format) {
    case catalog::file_format::jsonl:
      return std::make_unique<jsonl_parts>(start, calls);
    case catalog::file_format::csv:
      return std::make_unique<csv_parts>(start, calls);
    case catalog::file_format::shopify:
      return std::make_unique<shopify_parts>(start, calls, currency);
  }
  throw std::logic_error("unknown format");
}

}  // namespace stoa::shopify
