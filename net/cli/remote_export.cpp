#include "net/cli/next_page.hpp"
#include "net/cli/remote_catalog.hpp"

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

}  // namespace

void remote_export::write(std::ostream& out) {
  std::string target = "/admin/v1/export";
  while (!target.empty()) {
    http_request q;
    q.target = target;
    const auto reply = session_.call(std::move(q), page_limit);
    if (reply.status != 200) throw std::runtime_error(reason_of(reply));
    out << reply.body;
    written_ += count_of(reply, "Stoa-Products-Exported");
    left_out_ += count_of(reply, "Stoa-Products-Left-Out");
    columns_left_out_ += count_of(reply, "Stoa-Columns-Left-Out");
    target = next_page(reply);
  }
}

}  // namespace stoa::cli
