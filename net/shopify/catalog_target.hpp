#pragma once
// The catalogue that an import writes to: a local database or a running store.

#include "actors/catalog/catalog_messages.hpp"
#include "actors/catalog/line_messages.hpp"
#include "actors/kernel/message.hpp"

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
  /// Returns when all commands are answered.
  virtual void flush() = 0;
};

}  // namespace stoa::shopify
