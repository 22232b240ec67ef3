#include "net/cli/next_page.hpp"
#include "net/cli/remote_catalog.hpp"
#include "net/http/percent.hpp"
#include "net/shopify/file_formats.hpp"

#include <charconv>

namespace stoa::cli {

namespace {

constexpr std::chrono::minutes page_limit{2};

std::size_t count_of(const http_reply& r, std::string_view field) {
  const auto text = r.header(field);
  std::size_t count = 0;
  std::from_chars(text.data(), text.data() + text.size(), count);
  return count;
}

std::string target_of(const export_options& o) {
  auto target = "/admin/v1/export?format=" + std::string(enum_name(o.format));
  if (o.selected.updated_since) {
    target += "&updated_since=" + http::percent_encode(o.selected.updated_since->str());
  }
  if (o.selected.status) target += "&status=" + std::string(enum_name(*o.selected.status));
  return target;
}

}  // namespace

export_counts export_from_server(server_session& session, const export_options& o,
                                 std::ostream& out) {
  export_counts counts;
  const auto& format = shopify::traits_of(o.format);
  for (auto target = target_of(o); !target.empty();) {
    http_request q;
    q.target = target;
    const auto reply = session.call(std::move(q), page_limit);
    if (reply.status != 200) throw std::runtime_error(reason_of(reply));
    out << reply.body;
    counts.written += count_of(reply, format.count_field);
    counts.left_out += count_of(reply, "Stoa-Products-Left-Out");
    counts.columns_left_out += count_of(reply, "Stoa-Columns-Left-Out");
    target = next_page(reply);
  }
  return counts;
}

}  // namespace stoa::cli
