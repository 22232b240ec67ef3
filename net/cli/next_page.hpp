#pragma once
// Pagination of a server's lists.

#include "net/cli/http_call.hpp"

namespace stoa::cli {

/// The target of `Link: <target>; rel="next"`; empty: last page.
inline std::string next_page(const http_reply& r) {
  const auto link = r.header("Link");
  const auto end = link.find('>');
  if (!link.starts_with("</") || end == link.npos || link.find("rel=\"next\"", end) == link.npos) {
    return {};
  }
  return link.substr(1, end - 1);
}

}  // namespace stoa::cli
