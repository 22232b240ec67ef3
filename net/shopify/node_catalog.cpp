#include "net/shopify/node_catalog.hpp"

#include "actors/catalog/import_job_messages.hpp"
#include "net/shopify/catalog_mapping.hpp"

#include <stdexcept>
#include <utility>

namespace stoa::shopify {

std::optional<catalog::product_view> node_catalog::find(const std::string& handle) {
  auto a =
      calls_.query(kernel::any_message::of(catalog::find_imported{handle, catalog_id_of(handle)}));
  if (a.error) throw std::runtime_error("cannot read the catalogue: " + a.error->detail);
  return static_cast<const catalog::found_product*>(a.value.get())->product;
}

void node_catalog::send(catalog::import_product command, answered done) {
  send(kernel::any_message::of(std::move(command)), std::move(done));
}

void node_catalog::send(catalog::import_sku command, answered done) {
  send(kernel::any_message::of(std::move(command)), std::move(done));
}

void node_catalog::send(catalog::import_line command, answered done) {
  send(kernel::any_message::of(std::move(command)), std::move(done));
}

kernel::answer node_catalog::run(catalog::find_references query) {
  return calls_.query(kernel::any_message::of(std::move(query)));
}

kernel::answer node_catalog::run(catalog::count_lines command) {
  return calls_.command(kernel::any_message::of(std::move(command)));
}

kernel::answer node_catalog::run(pricing::import_price_list command) {
  return calls_.command(kernel::any_message::of(std::move(command)));
}

kernel::answer node_catalog::run(pricing::import_prices command) {
  return calls_.command(kernel::any_message::of(std::move(command)));
}

void node_catalog::send(kernel::any_message m, answered done) {
  auto answer = calls_.start_command(m);
  sent_.push_back({std::move(m), std::move(answer), std::move(done)});
}

void node_catalog::flush() {
  while (!sent_.empty()) {
    auto one = std::move(sent_.front());
    sent_.pop_front();
    auto a = calls_.wait(one.answer);
    // Retrying is harmless if the command has been applied already.
    if (service_calls::is_passing(a)) a = calls_.command(one.message);
    one.done(a);
  }
}

}  // namespace stoa::shopify
