// Announcements of staff to the customers who have agreed to marketing.

#include "actors/notification/marketing_messages.hpp"
#include "config/log.hpp"
#include "net/routes/all_routes.hpp"
#include "net/routes/language.hpp"
#include "net/routes/paging.hpp"
#include "net/routes/staff_about.hpp"

#include <set>

namespace stoa::front {

namespace {

using namespace stoa::notification;
using response_task = task<http::response>;

const std::string announcements_path = "/admin/v1/announcements";
const std::string announcement_path = announcements_path + "/{announcement_id}";

struct announcement_text_body {
  static constexpr std::string_view schema_name = "announcement_text_create";
  std::string locale;
  std::string subject;
  std::string text;
  static constexpr json::rule rules[] = {
      locale_rule("The language of the text (BCP 47)."),
      {.field = "subject",
       .length_min = 1,
       .length_max = 200,
       .form = json::format::line,
       .description = "The subject line."},
      {.field = "text",
       .length_min = 1,
       .length_max = 10'000,
       .form = json::format::text,
       .description = "Plain text. Empty lines separate paragraphs."}};
  void check(std::vector<field_error>& errors) const { check_locale(locale, errors); }
};
BOOST_DESCRIBE_STRUCT(announcement_text_body, (), (locale, subject, text))

struct announcement_body {
  static constexpr std::string_view schema_name = "announcement_create";
  static constexpr std::string_view example =
      R"({"texts":[{"locale":"en","subject":"New teas","text":"The first flush is here."}]})";
  std::vector<announcement_text_body> texts;
  static constexpr json::rule rules[] = {
      {.field = "texts",
       .length_min = 1,
       .length_max = 10,
       .description = "One text for each language. Customers without a text in their language get "
                      "that in the store's, or the first."}};
};
BOOST_DESCRIBE_STRUCT(announcement_body, (), (texts))

struct announcement_list_query {
  std::optional<std::int64_t> limit;
  std::optional<std::string> cursor;
  static constexpr json::rule rules[] = {limit_rule, cursor_rule};
};
BOOST_DESCRIBE_STRUCT(announcement_list_query, (), (limit, cursor))

stoa::announcement_id announcement_of(const exchange& x) {
  return x.path_id<stoa::announcement_id>("announcement_id", "announcement");
}

/// Each language once.
std::vector<announcement_text> checked_texts(std::vector<announcement_text_body> bodies) {
  std::vector<announcement_text> texts;
  std::set<std::string> languages;
  for (std::size_t i = 0; i < bodies.size(); ++i) {
    auto& b = bodies[i];
    auto locale = canonical_locale(b.locale).value_or(b.locale);
    if (!languages.insert(locale).second) {
      fail(invalid_field("/texts/" + std::to_string(i) + "/locale", "duplicate",
                         "The language is listed twice."));
    }
    texts.push_back({std::move(locale), std::move(b.subject), std::move(b.text)});
  }
  return texts;
}

response_task start_announcement(exchange& x, announcement_body b) {
  create_announcement command{{system_ids().next_v7()}, checked_texts(std::move(b.texts))};
  auto made = co_await x.command(std::move(command));
  if (!x.replayed) {
    log::info("announcement started", {{"announcement_id", made.announcement_id.str()},
                                       {"caller", x.context.who.str()},
                                       {"request_id", x.context.request_id}});
  }
  auto r = x.json(201, made);
  r.headers.emplace_back("Location", announcements_path + "/" + made.announcement_id.str());
  co_return r;
}

response_task announcement_list(exchange& x, announcement_list_query q) {
  list_announcements_query query{cursor_id<stoa::announcement_id>(q.cursor),
                                 q.limit.value_or(page_limit_default)};
  auto page = co_await x.ask(std::move(query));
  co_return x.page(std::move(page));
}

response_task read_one_announcement(exchange& x, none) {
  get_announcement query{announcement_of(x)};
  auto found = co_await x.ask(std::move(query));
  co_return x.cacheable(found);
}

response_task end_announcement(exchange& x, empty_body) {
  cancel_announcement command{announcement_of(x)};
  auto ended = co_await x.command(std::move(command));
  co_return x.json(200, ended);
}

}  // namespace

void add_announcement_routes(routes& r) {
  auto creation =
      for_staff("admin_create_announcement",
                "Send an email to all customers who have agreed to marketing", {201}, {409, 422});
  creation.description =
      "The emails are created in the background, with a link that unsubscribes. 409 "
      "`unsubscribe_url_missing` without notification.unsubscribe_url; 409 "
      "`too_many_announcements` "
      "while ten are being sent.";
  creation.answer_fields = {"Location"};
  creation.reject_cards = true;
  r.post<announcement_body, announcement_view>(announcements_path, std::move(creation),
                                               start_announcement);
  auto listing =
      for_staff("admin_list_announcements", "List announcements, newest first", {200}, {});
  listing.cost = list_cost;
  r.get<announcement_list_query, announcement_page>(announcements_path, std::move(listing),
                                                    announcement_list);
  auto reading =
      for_staff("admin_get_announcement", "Get an announcement with its progress", {200, 304});
  reading.cost = list_cost;
  r.get<none, announcement_detail_view>(announcement_path, std::move(reading),
                                        read_one_announcement);
  auto ending = for_staff("admin_cancel_announcement", "Cancel an announcement", {200}, {404, 409});
  ending.description =
      "No further emails are created. 409 `announcement_ended` when it is finished.";
  r.post<empty_body, announcement_view>(announcement_path + "/cancel", std::move(ending),
                                        end_announcement);
}

}  // namespace stoa::front
