#pragma once
// Responses with a file of the catalogue.

#include "net/http/message.hpp"
#include "net/shopify/file_formats.hpp"

#include <string>

namespace stoa::front {

/// The media types of all formats, as responses have them.
inline constexpr const char* file_types = "text/csv; charset=utf-8, application/x-ndjson";

/// The media type and the name of a file in the format.
inline void set_file(http::response& r, catalog::file_format format) {
  const auto& traits = shopify::traits_of(format);
  r.content_type = traits.content_type;
  if (traits.content_type.starts_with("text/")) r.content_type += "; charset=utf-8";
  r.headers.emplace_back("Content-Disposition",
                         "attachment; filename=\"" + std::string(traits.file_name) + '"');
}

}  // namespace stoa::front
