#include "net/shopify/catalog_loader.hpp"

#include "net/shopify/line_loader.hpp"
#include "net/shopify/sku_exchange.hpp"

#include <stdexcept>
#include <utility>

namespace stoa::shopify {

namespace {

/// Small, because decisions search the batch's records for handles and SKUs: with 256, importing
/// existing products takes three times as long.
constexpr std::size_t batch_products_max = 64;
/// Limits a batch of large products, to bound memory use.
constexpr std::size_t batch_bytes_max = std::size_t{4} << 20;

std::size_t size_of(const catalog::import_product& p) {
  std::size_t bytes = p.attributes.text.size() + 1000;
  if (p.description) bytes += p.description->size();
  if (p.keywords) bytes += p.keywords->size();
  if (p.variants) {
    for (const auto& v : *p.variants) bytes += v.attributes.text.size() + 1000;
  }
  return bytes + (p.images ? p.images->size() * 500 : 0);
}

}  // namespace

catalog_loader::catalog_loader(catalog_target& target, mapping_options options, load_report& report)
    : target_(target), options_(std::move(options)), report_(report) {}

void catalog_loader::add(const import_product& product) {
  const auto number = number_++;
  auto existing = target_.find(product.handle);
  auto mapped = to_catalog(product, options_, existing ? &*existing : nullptr);
  const loaded_product which{product.line, product.handle};
  // Count products that are not sent, too, so that the numbers within a batch stay close.
  ++waiting_;
  if (!mapped.refused.empty()) {
    ++counts_.refused;
    report_.refused(which, mapped.refused);
  } else {
    for (const auto& note : mapped.notes) report_.note(which, note);
    if (mapped.command.step) mapped.command.step->number = number;
    waiting_bytes_ += size_of(mapped.command);
    target_.send(std::move(mapped.command), [this, which](const auto& a) { take(a, which); });
  }
  if (waiting_ >= batch_products_max || waiting_bytes_ >= batch_bytes_max) flush();
}

void catalog_loader::finish() {
  flush();
  give_skus();
}

void catalog_loader::flush() {
  target_.flush();
  waiting_ = 0;
  waiting_bytes_ = 0;
  if (!failure_.empty()) throw std::runtime_error("cannot save to the catalogue: " + failure_);
  if (std::exchange(ended_, false)) throw import_ended{};
}

void catalog_loader::take(const kernel::answer& a, const loaded_product& product) {
  if (a.error) {
    // 503: a database failure, which would reject all later products too.
    if (is_transient(*a.error)) {
      failure_ = reason_of(*a.error);
      return;
    }
    if (a.error->code == "import_finished") {
      ended_ = true;
      return;
    }
    ++counts_.refused;
    report_.refused(product, reason_of(*a.error));
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
  for (const auto& note : answer.notes) report_.note(product, note);
  take_skus(answer, product);
  if (options_.dry_run) report_.changes(product, answer);
}

void catalog_loader::take_skus(const catalog::import_answer& answer,
                               const loaded_product& product) {
  for (const auto& left_out : answer.skus_left_out) {
    if (options_.dry_run) {
      report_.note(product, "the SKU " + left_out.sku +
                                " belongs to another product; it is set only if the import"
                                " removes it there");
    } else if (skus_.size() < skus_waiting_max) {
      skus_.push_back(left_out);
      sku_products_.push_back(product);
    } else {
      report_.note(product,
                   "the SKU " + left_out.sku + " is not set: it belongs to another product");
    }
  }
}

/// By now the other products have released their SKUs, unless they keep them.
void catalog_loader::give_skus() {
  const auto plan = plan_skus(skus_);
  std::vector<std::size_t> first;
  for (const auto& chain : plan.chains) first.push_back(chain.front());
  const auto given = change_skus(first, false);
  std::vector<std::size_t> blocked;
  auto movable = plan.rings;
  for (std::size_t i = 0; i < plan.chains.size(); ++i) {
    const auto& chain = plan.chains[i];
    auto& rest = given[i] ? movable : blocked;
    rest.insert(rest.end(), chain.begin() + 1, chain.end());
  }
  change_skus(blocked, false);
  change_skus(movable, true);
  change_skus(movable, false);
  skus_.clear();
  sku_products_.clear();
}

std::vector<bool> catalog_loader::change_skus(const std::vector<std::size_t>& which, bool release) {
  std::vector<bool> changed(which.size());
  for (std::size_t i = 0; i < which.size(); ++i) {
    const auto& one = skus_[which[i]];
    target_.send(catalog::import_sku{one.product_id, one.sku, release},
                 [this, &changed, i, at = which[i]](const auto& a) {
                   changed[i] = !a.error;
                   if (a.error) take_sku(a, at);
                 });
    if (++waiting_ >= batch_products_max) flush();
  }
  flush();
  return changed;
}

void catalog_loader::take_sku(const kernel::answer& a, std::size_t which) {
  if (is_transient(*a.error)) {
    failure_ = reason_of(*a.error);
    return;
  }
  report_.note(sku_products_[which],
               "the SKU " + skus_[which].sku + " is not set: " + reason_of(*a.error));
}

}  // namespace stoa::shopify
