#pragma once
// The catalogue that an import writes to, and the price lists of the Pricing service: local
// databases or a running store.

#include "actors/catalog/catalog_messages.hpp"
#include "actors/catalog/line_messages.hpp"
#include "actors/catalog/price_reference_messages.hpp"
#include "actors/kernel/message.hpp"
#include "actors/pricing/price_line_messages.hpp"

#include <functional>
#include <optional>
#include <string>

namespace stoa::shopify {

class catalog_target {
 public:
  using answered = std::function<void(const kernel::answer&)>;

  virtual ~catalog_target() = default;

  /// The product with that handle, or with the id that a file has as handle, as seen by staff.
  virtual std::optional<catalog::product_view> find(const std::string& handle) = 0;
  /// Sends a command; `done` receives the answer, at the latest during flush().
  virtual void send(catalog::import_product command, answered done) = 0;
  virtual void send(catalog::import_sku command, answered done) = 0;
  virtual void send(catalog::import_line command, answered done) = 0;
  /// Returns when all commands that were sent are answered.
  virtual void flush() = 0;

  // The messages of lines of price lists, each answered at once.
  virtual kernel::answer run(catalog::find_references query) = 0;
  virtual kernel::answer run(catalog::count_lines command) = 0;
  virtual kernel::answer run(pricing::import_price_list command) = 0;
  virtual kernel::answer run(pricing::import_prices command) = 0;
};

}  // namespace stoa::shopify
