#pragma once
// The catalogue of a running store as target of imports, in batches of commands.

#include "net/shopify/catalog_target.hpp"
#include "net/shopify/service_calls.hpp"

#include <deque>

namespace stoa::shopify {

class node_catalog final : public catalog_target {
 public:
  explicit node_catalog(service_calls& calls) : calls_(calls) {}

  std::optional<catalog::product_view> find(const std::string& handle) override;
  void send(catalog::import_product command, answered done) override;
  void send(catalog::import_sku command, answered done) override;
  void send(catalog::import_line command, answered done) override;
  void flush() override;
  kernel::answer run(catalog::find_references query) override;
  kernel::answer run(catalog::count_lines command) override;
  kernel::answer run(pricing::import_price_list command) override;
  kernel::answer run(pricing::import_prices command) override;

 private:
  struct sent {
    kernel::any_message message;
    service_calls::pending answer;
    answered done;
  };

  void send(kernel::any_message m, answered done);

  service_calls& calls_;
  std::deque<sent> sent_;
};

}  // namespace stoa::shopify
