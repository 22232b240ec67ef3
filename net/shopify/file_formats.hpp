#pragma once
// The formats of catalogue files: what the API and the command line need to know of each. A further
// format is an entry here, one in net/cli/file_commands.cpp, one in export_routes.cpp, and its run
// in import_runner.cpp.

#include "storage/catalog/import_job.hpp"

#include <span>
#include <string>
#include <string_view>

namespace stoa::shopify {

struct format_traits {
  catalog::file_format format;
  std::string_view content_type;  ///< of the file; several formats may have the same
  std::string_view file_name;     ///< of an export
  std::string_view rows;          ///< what a file has, for display
  std::string_view objects;       ///< what an import counts, for display
  std::string_view count_field;   ///< of an export's response: the objects on the page
  /// Why a file that begins like this cannot be imported; empty: it can. May be null.
  std::string (*unreadable)(const std::string& beginning, const std::string& currency);
};

/// The first format of a content type is its default.
std::span<const format_traits> file_formats();
const format_traits& traits_of(catalog::file_format format);

}  // namespace stoa::shopify
