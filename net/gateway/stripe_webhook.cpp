#include "net/gateway/stripe_webhook.hpp"

#include "net/gateway/webhook_signature.hpp"
#include "net/token/private_file.hpp"
#include "storage/base/json_read.hpp"
#include "storage/base/text.hpp"

#include <algorithm>
#include <map>
#include <optional>

namespace stoa::gateways {

namespace {

constexpr std::size_t secrets_file_bytes_max = 16'384;
constexpr std::size_t secrets_max = 16;

struct stripe_event_object {
  std::optional<std::map<std::string, std::string>> metadata;
};
BOOST_DESCRIBE_STRUCT(stripe_event_object, (), (metadata))

struct stripe_event_data {
  stripe_event_object object;
};
BOOST_DESCRIBE_STRUCT(stripe_event_data, (), (object))

struct stripe_event {
  std::string id;
  std::string type;
  stripe_event_data data;
};
BOOST_DESCRIBE_STRUCT(stripe_event, (), (id, type, data))

bool is_visible(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~'; });
}

/// The lines with content, at most secrets_max.
result<std::vector<std::string>> read_secrets(const std::filesystem::path& file) {
  const auto content = token::read_private_file(file, secrets_file_bytes_max);
  if (!content) return content.error();
  const auto bad = [&](const std::string& why) {
    return problem{problem_kind::internal, "secret_file", file.string() + ": " + why, {}};
  };
  std::vector<std::string> secrets;
  std::string_view rest = *content;
  while (!rest.empty()) {
    const auto end = std::min(rest.find('\n'), rest.size());
    auto line = text::trim(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (line.empty() || line.starts_with('#')) continue;
    if (!is_visible(line)) return bad("a line contains characters other than visible ASCII");
    if (secrets.size() == secrets_max) return bad("it contains more than 16 secrets");
    secrets.push_back(std::move(line));
  }
  if (secrets.empty()) return bad("it contains no secret");
  return secrets;
}

std::string member(const stripe_event& e, const std::string& name) {
  const auto& all = e.data.object.metadata;
  if (!all) return {};
  const auto found = all->find(name);
  return found == all->end() ? std::string() : found->second;
}

}  // namespace

result<std::string> read_stripe_key(const std::filesystem::path& file) {
  auto secrets = read_secrets(file);
  if (!secrets) return secrets.error();
  if (secrets->size() != 1) {
    return problem{
        problem_kind::internal, "secret_file", file.string() + ": it contains several keys", {}};
  }
  return std::move(secrets->front());
}

result<std::vector<std::string>> read_stripe_webhook_secrets(const std::filesystem::path& file) {
  return read_secrets(file);
}

result<payment::webhook_event> stripe_webhooks::read(std::string_view body,
                                                     std::string_view signature,
                                                     timestamp now) const {
  const auto checked = verify_webhook(secrets_, body, signature, now);
  if (!checked) return checked.error();
  const auto event = json::read_lenient<stripe_event>(body);
  if (!event) return payment::webhook_rejected("webhook_invalid", "The body is not a valid event.");
  return payment::webhook_event{event->id, event->type, member(*event, "payment_id"),
                                member(*event, "order_id")};
}

}  // namespace stoa::gateways
