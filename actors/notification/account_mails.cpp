#include "actors/notification/account_mails.hpp"

#include "storage/base/describe.hpp"
#include "storage/base/locale_format.hpp"

namespace stoa::notification {

namespace {

constexpr std::string_view placeholder_begin = "[token ";
constexpr std::string_view placeholder_end = "]";
constexpr std::size_t uuid_length = 36;

std::string placeholder_of(std::string_view kind, const uuid& id) {
  return "[" + std::string(kind) + " " + id.str() + "]";
}

}  // namespace

rendered_mail render(user::mail_purpose purpose, const account_mail_content& about,
                     const mail_style& style) {
  const auto& used = template_for(enum_name(purpose), style);
  template_values values;
  values.set("store_name", about.store_name);
  values.set("customer_name", about.first_name);
  values.set("date", format_for(used.language(), style)->date(style.date));
  if (about.verification_id) {
    const auto token = placeholder_of("token", about.verification_id->value);
    if (about.verification_url.empty()) {
      values.set("token", token);
    } else {
      values.set("link", about.verification_url + token);
    }
  }
  return used.render(std::move(values));
}

bool holds_token(std::string_view template_name) {
  return template_name == enum_name(user::mail_purpose::registration) ||
         template_name == enum_name(user::mail_purpose::email_change);
}

std::string with_tokens(std::string_view text, const token_maker& make) {
  std::string out;
  while (true) {
    const auto at = text.find(placeholder_begin);
    if (at == std::string_view::npos) return out.append(text);
    const auto rest = text.substr(at + placeholder_begin.size());
    const auto id = user::verification_id::parse(rest.substr(0, uuid_length));
    if (id && rest.substr(uuid_length).starts_with(placeholder_end)) {
      out.append(text.substr(0, at)).append(make(*id));
      text = rest.substr(uuid_length + placeholder_end.size());
    } else {
      out.append(text.substr(0, at + placeholder_begin.size()));
      text = rest;
    }
  }
}

std::string unsubscribe_link(std::string_view url, stoa::notification_id id) {
  if (url.empty()) return {};
  return std::string(url) + unsubscribe_placeholder(id);
}

std::string unsubscribe_placeholder(stoa::notification_id id) {
  return placeholder_of("unsubscribe", id.value);
}

std::string with_unsubscribe_token(std::string text, stoa::notification_id id,
                                   std::string_view token) {
  const auto mark = unsubscribe_placeholder(id);
  for (auto at = text.find(mark); at != text.npos; at = text.find(mark, at + token.size())) {
    text.replace(at, mark.size(), token);
  }
  return text;
}

}  // namespace stoa::notification
