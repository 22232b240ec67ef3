#pragma once
// The outcome of an import, for the metrics.

#include "actors/catalog/import_job_messages.hpp"

namespace stoa::catalog {

/// The effect: the import has ended.
struct count_import {
  static constexpr std::string_view name = "catalog.count_import";
  import_state outcome = import_state::completed;
  bool dry_run = false;
  std::int64_t rows = 0;
  std::int64_t rows_rejected = 0;
  import_products products;
  std::int64_t took_us = 0;  ///< running time; 0: it never ran
  file_format format = file_format::shopify;

  static constexpr std::string_view defaults[] = {"format"};
};
BOOST_DESCRIBE_STRUCT(count_import, (),
                      (outcome, dry_run, rows, rows_rejected, products, took_us, format))

}  // namespace stoa::catalog
