#include "net/cli/catalog_loader.hpp"

#include "storage/catalog/catalog_store.hpp"

#include <stdexcept>
#include <utility>

namespace stoa::cli {

namespace {

/// Not more, for decisions search the batch's records for handles and SKUs: with 256 an import of
/// what is there already takes three times as long.
constexpr std::size_t batch_products_max = 64;
/// Few large products fill a batch as well, so that memory stays bounded.
constexpr std::size_t batch_bytes_max = std::size_t{4} << 20;

std::size_t size_of(const catalog::import_product& p) {
  std::size_t bytes = p.description.size() + p.attributes.text.size() + p.keywords.size() + 1000;
  for (const auto& v : p.variants) bytes += v.attributes.text.size() + 1000;
  return bytes + p.images.size() * 500;
}

std::string reason_of(const problem& p) {
  std::string text = p.errors.empty() ? p.detail : "";
  for (const auto& e : p.errors) text += (text.empty() ? "" : " ") + e.detail;
  return text;
}

}  // namespace

offline_catalog open_catalog(const settings& s) {
  return {s, catalog::catalog_service({s.store.currency, seconds{s.catalog.reservation_ttl_s}})};
}

catalog_loader::catalog_loader(offline_catalog& catalog, std::string currency, bool set_stock,
                               problem_sink on_problem)
    : catalog_(catalog),
      currency_(std::move(currency)),
      set_stock_(set_stock),
      on_problem_(std::move(on_problem)),
      was_empty_(catalog::product_ids_after(catalog.database(), std::nullopt, 1).empty()) {}

void catalog_loader::add(const shopify::import_product& product) {
  auto existing = find(product.handle);
  auto mapped =
      shopify::to_catalog(product, currency_, set_stock_, existing ? &*existing : nullptr);
  for (const auto& note : mapped.notes) on_problem_(product.line, product.handle, note, false);
  ++waiting_;
  waiting_bytes_ += size_of(mapped.command);
  catalog_.add(std::move(mapped.command), [this, line = product.line, handle = product.handle](
                                              const kernel::answer& a) { take(a, line, handle); });
  if (waiting_ >= batch_products_max || waiting_bytes_ >= batch_bytes_max) flush();
}

/// The product that the file means. A handle stands in a file once, so what waits cannot be it.
std::optional<catalog::product_view> catalog_loader::find(const std::string& handle) {
  if (was_empty_) return std::nullopt;
  auto id = catalog::product_id_of_handle(catalog_.database(), handle);
  auto found =
      catalog_.read(catalog::get_product{id.value_or(shopify::catalog_id_of(handle)), true});
  if (!found) return std::nullopt;
  return std::move(*found);
}

void catalog_loader::flush() {
  catalog_.flush();
  waiting_ = 0;
  waiting_bytes_ = 0;
  if (!failure_.empty()) throw std::runtime_error("the catalogue cannot be saved: " + failure_);
}

void catalog_loader::take(const kernel::answer& a, std::size_t line, const std::string& handle) {
  if (a.error) {
    // 503: the database itself. All later products would be refused as well.
    if (a.error->status == 503) {
      failure_ = reason_of(*a.error);
      return;
    }
    ++counts_.refused;
    on_problem_(line, handle, reason_of(*a.error), true);
    return;
  }
  const auto& answer = *static_cast<const catalog::import_answer*>(a.value.get());
  switch (answer.outcome) {
    case catalog::import_outcome::created:
      ++counts_.created;
      break;
    case catalog::import_outcome::updated:
      ++counts_.updated;
      break;
    case catalog::import_outcome::unchanged:
      ++counts_.unchanged;
      break;
  }
  for (const auto& note : answer.notes) on_problem_(line, handle, note, false);
}

}  // namespace stoa::cli
