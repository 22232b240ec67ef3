#pragma once
// Imports some lines of price lists and prices: the catalogue finds the products that they name,
// the Pricing service stores the prices, and the catalogue counts the lines of an import over HTTP.

#include "net/shopify/catalog_target.hpp"
#include "net/shopify/file_lines.hpp"

#include <span>
#include <vector>

namespace stoa::shopify {

class price_batch {
 public:
  /// Of a batch: the catalogue remembers this many lines that it has counted.
  static constexpr std::size_t lines_max = 64;

  struct numbered_line {
    std::int64_t number = 0;  ///< in the file, from 0
    file_line line;           ///< none of the catalogue's
  };

  /// `step`: of an import over HTTP; its number is ignored. The target must outlive the batch.
  price_batch(catalog_target& target, bool dry_run, std::optional<catalog::import_step> step,
              std::vector<numbered_line> lines);

  /// The outcome of each line, in their order: a catalog::import_answer or the error. A line that
  /// an earlier run has counted is unchanged. A line that was stored, but not counted, before a
  /// crash is stored again, which changes nothing unless its object has been changed since.
  std::vector<kernel::answer> run();

 private:
  bool is_open(std::size_t i) const { return !answers_[i].value && !answers_[i].error; }
  void look_up();
  void set_list(std::size_t i);
  /// Sets the open prices from the line `from` on, up to the next price list; returns that line.
  std::size_t set_prices(std::size_t from);
  void count();
  void fail_open(const problem& why);

  catalog_target& target_;
  bool dry_run_;
  std::optional<catalog::import_step> step_;
  std::vector<numbered_line> lines_;
  std::vector<kernel::answer> answers_;
  std::vector<stoa::product_id> products_;  ///< of the prices, by line
  std::vector<bool> is_stored_;             ///< by this batch
};

}  // namespace stoa::shopify
