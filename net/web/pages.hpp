#pragma once
// The documentation pages of the API, as responses.

#include "net/http/message.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace stoa::front {

/// A served file.
struct page {
  std::string content_type;
  std::string tag;  ///< the opaque part of its ETag
  std::shared_ptr<const std::string> content;
};

/// The page at that path ("/docs"), or the file of that name ("style.css"); null when there is
/// none.
const page* find_page(std::string_view name);

/// True when a client that sends this Accept field (RFC 9110, section 12.5.1) prefers HTML to JSON.
bool prefers_html(std::string_view accept);

/// 200 with header fields that prevent the page from loading content of other hosts.
http::response page_response(const page& p);

}  // namespace stoa::front
