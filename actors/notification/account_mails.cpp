#include "actors/notification/account_mails.hpp"

#include <array>
#include <stdexcept>

namespace stoa::notification {

namespace {

constexpr std::string_view placeholder_begin = "[token ";
constexpr std::string_view placeholder_end = "]";
constexpr std::size_t uuid_length = 36;

struct account_texts {
  user::mail_purpose purpose;
  std::string_view subject;  // followed by the store's name
  std::string_view lead;
  std::string_view close;
};

constexpr std::array all_account_texts{
    account_texts{
        user::mail_purpose::registration, "Confirm your account at ",
        "We received a request to create an account with this email address. To create the "
        "account, confirm the address:",
        "If you did not make this request, ignore this message."},
    account_texts{
        user::mail_purpose::email_change, "Confirm your new address at ",
        "We received a request to use this email address for an account. To change the account's "
        "address, confirm it:",
        "If you did not make this request, ignore this message."},
    account_texts{
        user::mail_purpose::registration_known, "You have an account at ",
        "We received a request to create an account with this email address, but you already have "
        "one. You can log in with it.",
        "If you did not make this request, ignore this message. The request did not reveal that "
        "you have an account."},
    account_texts{
        user::mail_purpose::email_change_known, "Your address at ",
        "We received a request to use this email address for another account. The address belongs "
        "to your account, so nothing was changed.",
        "If you made this request, choose another address or delete this account first."},
    account_texts{user::mail_purpose::email_changed, "Your address was changed at ",
                  "The email address of your account was changed. This address is no longer used.",
                  "If you did not make this change, contact us immediately."},
};

const account_texts& account_texts_of(user::mail_purpose purpose) {
  for (const auto& w : all_account_texts) {
    if (w.purpose == purpose) return w;
  }
  throw std::logic_error("no account mail for this purpose");
}

std::string escaped(std::string_view value) {
  std::string out;
  for (const char c : value) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string paragraph(std::string_view text) {
  return "<p>" + escaped(text) + "</p>\n";
}

}  // namespace

rendered_mail render(user::mail_purpose purpose, const account_mail_content& about) {
  const auto& w = account_texts_of(purpose);
  const auto store = one_line(about.store_name);
  const auto name = one_line(about.first_name);
  const auto subject = std::string(w.subject) + store;
  const auto greeting = "Hello" + (name.empty() ? std::string() : " " + name) + ",";
  std::string link;
  if (about.verification_id) {
    link = about.verification_url + std::string(placeholder_begin) + about.verification_id->str() +
           std::string(placeholder_end);
  }
  rendered_mail mail;
  mail.subject = subject;
  mail.text = greeting + "\n\n" + std::string(w.lead) + "\n\n";
  if (!link.empty()) mail.text += link + "\n\n";
  mail.text += std::string(w.close) + "\n\n" + store + "\n";
  mail.html = "<!DOCTYPE html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><title>" +
              escaped(subject) +
              "</title></head>\n<body style=\"font-family: sans-serif; color: #222; max-width: "
              "40em\">\n" +
              paragraph(greeting) + paragraph(w.lead);
  if (!link.empty() && !about.verification_url.empty()) {
    mail.html += "<p><a href=\"" + escaped(link) + "\">" + escaped(link) + "</a></p>\n";
  } else if (!link.empty()) {
    mail.html += "<p><code>" + escaped(link) + "</code></p>\n";
  }
  mail.html += paragraph(w.close) + paragraph(store) + "</body>\n</html>\n";
  return mail;
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

}  // namespace stoa::notification
