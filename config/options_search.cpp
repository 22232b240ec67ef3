// Settings: the search of products.

#include "config/option_forms.hpp"
#include "config/option_rows.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace stoa::config {
namespace {

constexpr option search_rows[] = {
    {.key = "search.engine",
     .at = &at<&S::search, &search_settings::engine>,
     .help = "Search of products; opensearch = an index of OpenSearch or Elasticsearch, with the "
             "built-in search when it does not respond.",
     .allowed = "builtin|opensearch"},
    {.key = "search.url",
     .at = &at<&S::search, &search_settings::url>,
     .help = "URL of the search engine; required for search.engine = opensearch.",
     .form = "an http:// or https:// URL without a trailing slash, or empty",
     .check = &is_base_url_or_empty},
    {.key = "search.index",
     .at = &at<&S::search, &search_settings::index>,
     .help = "Alias of the index; the names of its indexes begin with it.",
     .form = "1 to 64 of a-z, 0-9, _ and -, beginning with a letter or digit",
     .check = &is_index_name},
    {.key = "search.user",
     .at = &at<&S::search, &search_settings::user>,
     .help = "User at the search engine; empty = none.",
     .form = "a name, or empty",
     .check = &is_short_line_or_empty},
    {.key = "search.password_file",
     .at = &at<&S::search, &search_settings::password_file>,
     .help = "File with the password of search.user, mode 0600.",
     .form = "a path, or empty"},
    {.key = "search.api_key_file",
     .at = &at<&S::search, &search_settings::api_key_file>,
     .help = "File with an API key (Elasticsearch) instead of search.user, mode 0600.",
     .form = "a path, or empty"},
    {.key = "search.ca_file",
     .at = &at<&S::search, &search_settings::ca_file>,
     .help = "PEM file with the authorities of the engine's certificate; empty = the system's.",
     .form = "a path, or empty"},
    {.key = "search.timeout_ms",
     .at = &at<&S::search, &search_settings::timeout_ms>,
     .help = "Timeout of a search at the engine; then the built-in search responds.",
     .min = 10,
     .max = 60'000},
};

}  // namespace

std::span<const option> search_options() {
  return search_rows;
}

namespace {

bool is_local_url(std::string_view url) {
  url.remove_prefix(std::min(url.find("://") + 3, url.size()));
  auto place = std::string(url.substr(0, url.find('/')));
  if (place.rfind(':') == std::string::npos || place.ends_with(']')) place += ":0";
  return is_loopback_address(place);
}

}  // namespace

std::vector<std::string> search_faults(const search_settings& s) {
  if (s.engine == "builtin") return {};
  std::vector<std::string> faults;
  if (s.url.empty()) faults.emplace_back("search.engine = opensearch needs search.url");
  if (s.user.empty() != s.password_file.empty()) {
    faults.emplace_back(
        "authentication at the search engine needs search.user and search.password_file");
  }
  if (!s.user.empty() && !s.api_key_file.empty()) {
    faults.emplace_back("search.user and search.api_key_file exclude each other");
  }
  const bool has_secret = !s.user.empty() || !s.api_key_file.empty();
  if (has_secret && s.url.starts_with("http://") && !is_local_url(s.url)) {
    faults.emplace_back(
        "search.user and search.api_key_file need an https:// URL in search.url: the secret would "
        "be sent over a connection that is not encrypted");
  }
  return faults;
}

}  // namespace stoa::config
