// The link in emails that customers can switch off (RFC 8058). GET shows a page with a button and
// changes nothing, because mail servers and programs follow links; POST unsubscribes, from the page
// or by the mail program. The token in the link is the only proof.

#include "actors/notification/preference_messages.hpp"
#include "actors/notification/unsubscribe_token.hpp"
#include "net/http/field_list.hpp"
#include "net/routes/all_routes.hpp"
#include "net/routes/notification_bodies.hpp"

#include <algorithm>
#include <array>

namespace stoa::front {

namespace {

using response_task = task<http::response>;

struct page_texts {
  std::string_view language;
  std::string_view title;
  std::string_view question;
  std::string_view button;
  std::string_view done;
  std::string_view invalid;
};

constexpr std::array all_page_texts{
    page_texts{"en", "Unsubscribe", "Do you want to receive no more emails of this kind?",
               "Unsubscribe", "You will receive no more emails of this kind.",
               "This link is not valid."},
    page_texts{"de", "Abmelden", "Möchten Sie keine E-Mails dieser Art mehr erhalten?", "Abmelden",
               "Sie erhalten keine E-Mails dieser Art mehr.", "Dieser Link ist nicht gültig."},
};

const page_texts& texts_for(const exchange& x) {
  for (const auto& language : text::language_chain(preferred_language(x).value_or(""))) {
    const auto found = std::ranges::find(all_page_texts, language, &page_texts::language);
    if (found != all_page_texts.end()) return *found;
  }
  return all_page_texts.front();
}

http::response page_of(const page_texts& t, int status, std::string_view text,
                       std::string_view form = {}) {
  http::response answer;
  answer.status = status;
  answer.content_type = "text/html; charset=utf-8";
  answer.headers = {{"Content-Security-Policy",
                     "default-src 'none'; base-uri 'none'; form-action 'self'; "
                     "frame-ancestors 'none'"},
                    {"Content-Language", std::string(t.language)},
                    {"Referrer-Policy", "no-referrer"},
                    {"Cache-Control", "no-store"},
                    {"X-Robots-Tag", "noindex"}};
  http::add_vary(answer, "Accept-Language");
  for (const auto part :
       {std::string_view("<!DOCTYPE html>\n<html lang=\""), t.language,
        std::string_view("\">\n<head><meta charset=\"utf-8\"><meta name=\"viewport\" "
                         "content=\"width=device-width, initial-scale=1\"><title>"),
        t.title, std::string_view("</title></head>\n<body>\n<p>"), text, std::string_view("</p>\n"),
        form, std::string_view("</body>\n</html>\n")}) {
    answer.body += part;
  }
  return answer;
}

std::optional<stoa::notification_id> notification_of(const exchange& x,
                                                     const unsubscribe_query& q) {
  return notification::check_unsubscribe_token(x.shared->secret->bytes, q.token.value_or(""));
}

response_task ask(exchange& x, unsubscribe_query q) {
  const auto& t = texts_for(x);
  if (!notification_of(x, q)) co_return page_of(t, 404, t.invalid);
  // Without an action the form is sent to the page's own URL.
  const auto form = "<form method=\"post\"><button name=\"List-Unsubscribe\" value=\"One-Click\">" +
                    std::string(t.button) + "</button></form>\n";
  co_return page_of(t, 200, t.question, form);
}

response_task unsubscribe(exchange& x, unsubscribe_query q) {
  const auto& t = texts_for(x);
  const auto id = notification_of(x, q);
  if (!id) co_return page_of(t, 404, t.invalid);
  notification::unsubscribe command{*id};
  auto done = co_await x.try_command(std::move(command));
  if (!done && done.error().kind == problem_kind::not_found) co_return page_of(t, 404, t.invalid);
  if (!done) fail(done.error());
  co_return page_of(t, 200, t.done);
}

about unsubscribe_about(std::string id, std::string summary) {
  return {.id = std::move(id),
          .tag = "users",
          .summary = std::move(summary),
          .is_signed = true,
          .same_for_all = true,
          .listed = false,
          .reply_type = "text/html",
          .body_type = "*/*"};
}

}  // namespace

void add_unsubscribe_routes(routes& r) {
  r.get<unsubscribe_query, none>(
      "/unsubscribe", unsubscribe_about("unsubscribe_page", "The page of the link in an email"),
      ask);
  r.post_file<unsubscribe_query, none>(
      "/unsubscribe", unsubscribe_about("unsubscribe", "Receive no more emails of a kind"),
      unsubscribe);
}

}  // namespace stoa::front
