#pragma once
// Writes the file of an export in parts. Each part is determined by its position, so that another
// node can continue.

#include "actors/catalog/export_job_messages.hpp"
#include "net/shopify/service_calls.hpp"

#include <memory>
#include <string>

namespace stoa::shopify {

struct export_piece {
  std::string content;
  std::string position;  ///< of the next part
  std::int64_t objects = 0;
  std::int64_t left_out = 0;
  bool is_last = false;
};

class export_parts {
 public:
  virtual ~export_parts() = default;
  /// JSON of the names in the header, which is the same in all parts; empty: a file without one.
  virtual std::string columns() = 0;
  /// The part at the position; an empty one is the beginning.
  virtual export_piece next(const std::string& position) = 0;
};

/// `currency`: of the store. `start.columns` are those of earlier runs, if there were any. The
/// calls must outlive the result. Throws std::runtime_error when the catalogue cannot be read.
std::unique_ptr<export_parts> parts_of(const catalog::export_start& start, service_calls& calls,
                                       const std::string& currency);

}  // namespace stoa::shopify
