// Dead letters: lists, and replay or discard, one by one or in bulk.

#include "actors/kernel/dead_letter_count.hpp"
#include "actors/kernel/kernel_commands.hpp"
#include "actors/kernel/service_definition.hpp"
#include "config/log.hpp"
#include "config/services.hpp"
#include "net/routes/paging.hpp"
#include "net/routes/repair_routes.hpp"
#include "storage/base/service_clock.hpp"

namespace stoa::front {

namespace {

constexpr std::int64_t page_letters = 200;
constexpr std::int64_t looked_at_max = 10'000;

task<std::vector<kernel::dead_letter_view>> letters_of(exchange& x, std::string service,
                                                       const letter_filter& filter,
                                                       std::optional<stoa::event_id> before,
                                                       std::int64_t limit) {
  std::vector<kernel::dead_letter_view> found;
  bool more = true;
  for (std::int64_t looked_at = 0; more && looked_at < looked_at_max; looked_at += page_letters) {
    kernel::dead_letters query{before, page_letters};
    auto page = co_await x.ask_of(service, query);
    more = std::ssize(page.data) == page_letters;
    for (auto& letter : page.data) {
      before = letter.event_id;
      if (!filter.fits(letter)) continue;
      found.push_back(std::move(letter));
      if (std::ssize(found) == limit) co_return found;
    }
  }
  co_return found;
}

}  // namespace

bool letter_filter::fits(const kernel::dead_letter_view& letter) const {
  return (!type || *type == letter.type) &&
         (!error || letter.error.find(*error) != std::string::npos) &&
         (!mentions || letter.payload.find(mentions->str()) != std::string::npos) &&
         (!failed_before || letter.failed_at < *failed_before);
}

task<std::vector<kernel::dead_letter_view>> find_letters(exchange& x,
                                                         std::optional<std::string> service,
                                                         letter_filter filter,
                                                         std::optional<stoa::event_id> before,
                                                         std::int64_t limit) {
  std::vector<kernel::dead_letter_view> found;
  const auto services = x.shared->node->health();
  for (const auto& s : services) {
    if (service && *service != s.service) continue;
    auto part = co_await letters_of(x, s.service, filter, before, limit);
    std::move(part.begin(), part.end(), std::back_inserter(found));
  }
  std::sort(found.begin(), found.end(),
            [](const auto& a, const auto& b) { return a.event_id > b.event_id; });
  co_return found;
}

namespace {

using response_task = task<http::response>;

/// The services of every store (net/cli/store.cpp).
#define STOA_SERVICE(service, capability) #service " "
constexpr std::string_view names_and_blanks =
#include STOA_SERVICES_DEF
    ;
#undef STOA_SERVICE
constexpr std::string_view service_names = names_and_blanks.substr(0, names_and_blanks.size() - 1);

constexpr std::int64_t bulk_default = 100;
constexpr std::size_t bulk_max = 500;
/// Bulk requests stop this long before their deadline.
constexpr microseconds bulk_reserve = seconds{2};

constexpr json::rule service_rule{
    .field = "service", .description = "Dead letters of this service.", .one_of = service_names};
constexpr json::rule type_rule{.field = "type",
                               .length_max = 100,
                               .description = "Events of this type.",
                               .example = R"("order.placed")"};
constexpr json::rule error_rule{.field = "error",
                                .length_max = 200,
                                .description = "Dead letters whose error contains this text."};
constexpr json::rule mention_rule{
    .field = "mentions",
    .description = "Dead letters whose event contains this id, for example an order id."};
constexpr json::rule age_rule{
    .field = "failed_before",
    .description = "Dead letters whose last attempt was before this time."};

struct dead_letter_query {
  std::optional<std::string> service;
  std::optional<std::string> type;
  std::optional<std::string> error;
  std::optional<uuid> mentions;
  std::optional<timestamp> failed_before;
  std::optional<std::int64_t> limit;
  std::optional<std::string> cursor;
  static constexpr json::rule rules[] = {service_rule, type_rule,  error_rule, mention_rule,
                                         age_rule,     limit_rule, cursor_rule};
};
BOOST_DESCRIBE_STRUCT(dead_letter_query, (),
                      (service, type, error, mentions, failed_before, limit, cursor))

struct dead_letter_page {
  static constexpr std::string_view schema_name = "dead_letter_page";
  std::vector<kernel::dead_letter_view> data;
  nullable<std::string> next_cursor;
  std::optional<std::int64_t> total;  ///< of all pages, if requested
};
BOOST_DESCRIBE_STRUCT(dead_letter_page, (), (data, next_cursor, total))

struct replay_body {
  static constexpr std::string_view schema_name = "replay";
  std::string service;
  static constexpr json::rule rules[] = {
      {.field = "service",
       .description = "The service that could not apply the event.",
       .one_of = service_names}};
};
BOOST_DESCRIBE_STRUCT(replay_body, (), (service))

/// Selects letters: by id, or the first that match the filter.
struct letter_choice {
  static constexpr std::string_view schema_name = "dead_letter_choice";
  std::optional<std::string> service;
  std::optional<std::vector<stoa::event_id>> event_ids;
  std::optional<std::string> type;
  std::optional<std::string> error;
  std::optional<uuid> mentions;
  std::optional<timestamp> failed_before;
  std::optional<std::int64_t> limit;
  static constexpr json::rule ids_rule{
      .field = "event_ids",
      .length_min = 1,
      .length_max = bulk_max,
      .description = "The ids of the dead letters; requires `service`."};
  static constexpr json::rule bulk_rule{
      .field = "limit",
      .value_min = 1,
      .value_max = bulk_max,
      .description = "The maximum number of dead letters; 100 by default."};
  static constexpr json::rule rules[] = {service_rule, ids_rule, type_rule, error_rule,
                                         mention_rule, age_rule, bulk_rule};
};
BOOST_DESCRIBE_STRUCT(letter_choice, (),
                      (service, event_ids, type, error, mentions, failed_before, limit))

struct discard_choice : letter_choice {
  static constexpr std::string_view schema_name = "dead_letter_discard";
  std::string reason;
  static constexpr json::rule rules[] = {service_rule,
                                         ids_rule,
                                         type_rule,
                                         error_rule,
                                         mention_rule,
                                         age_rule,
                                         bulk_rule,
                                         {.field = "reason",
                                          .length_min = 1,
                                          .length_max = 500,
                                          .form = json::format::text,
                                          .description = "Stored with the dead letters."}};
};
BOOST_DESCRIBE_STRUCT(discard_choice, (letter_choice), (reason))

struct letter_outcome {
  static constexpr std::string_view schema_name = "dead_letter_outcome";
  std::string service;
  stoa::event_id event_id;
  bool done = false;
  std::optional<std::string> code;   ///< of the problem, when not done
  std::optional<std::string> error;  ///< the error of the service
};
BOOST_DESCRIBE_STRUCT(letter_outcome, (), (service, event_id, done, code, error))

struct bulk_outcome {
  static constexpr std::string_view schema_name = "dead_letter_outcomes";
  std::vector<letter_outcome> data;
  bool more = false;  ///< there may be more matching letters
};
BOOST_DESCRIBE_STRUCT(bulk_outcome, (), (data, more))

template <class Choice>
letter_filter filter_of(const Choice& choice) {
  return {choice.type, choice.error, choice.mentions, choice.failed_before};
}

response_task list_dead(exchange& x, dead_letter_query q) {
  const auto limit = q.limit.value_or(page_limit_default);
  dead_letter_page page;
  const auto filter = filter_of(q);
  const auto before = cursor_id<stoa::event_id>(q.cursor);
  auto found = co_await find_letters(x, q.service, filter, before, limit + 1);
  page.data = std::move(found);
  if (x.shape.count && filter.is_empty()) {
    auto services = x.shared->node->health();
    for (const auto& s : services) {
      if (q.service && *q.service != s.service) continue;
      const auto counted = co_await x.ask_of(s.service, kernel::count_dead_letters{});
      page.total = page.total.value_or(0) + counted.total;
    }
  }
  if (page.data.size() > static_cast<std::size_t>(limit)) {
    page.data.resize(static_cast<std::size_t>(limit));
    page.next_cursor.value = page.data.back().event_id.str();
  }
  co_return x.page(std::move(page));
}

void log_replay(exchange& x, const std::string& service, stoa::event_id id,
                const kernel::answer& a) {
  log::info("dead letter replayed", {{"service", service},
                                     {"event_id", id.str()},
                                     {"code", a.error ? a.error->code : "applied"},
                                     {"caller", x.context.who.str()},
                                     {"request_id", x.context.request_id}});
}

response_task replay(exchange& x, replay_body body) {
  auto id = x.path_id<stoa::event_id>("event_id", "dead letter");
  callback_wait<kernel::answer> wait(
      [&x, &body, id](auto then) { x.port->replay(body.service, id, std::move(then)); });
  kernel::answer a = co_await wait;
  log_replay(x, body.service, id, a);
  if (a.error) fail(std::move(*a.error));
  co_return x.no_content();
}

using letter_ids = std::vector<std::pair<std::string, stoa::event_id>>;

/// The letters that the request selects.
task<letter_ids> chosen(exchange& x, letter_choice choice, bool& more) {
  letter_ids ids;
  if (choice.event_ids) {
    if (!choice.service) {
      fail(invalid_field("/service", "required", "The service of the dead letters is required."));
    }
    for (const auto& id : *choice.event_ids) ids.emplace_back(*choice.service, id);
    co_return ids;
  }
  const auto limit = choice.limit.value_or(bulk_default);
  auto found = co_await find_letters(x, choice.service, filter_of(choice), std::nullopt, limit + 1);
  more = std::ssize(found) > limit;
  if (more) found.resize(static_cast<std::size_t>(limit));
  for (const auto& letter : found) ids.emplace_back(letter.service, letter.event_id);
  co_return ids;
}

/// Applies `step` to each letter until shortly before the request's deadline.
template <class Step>
response_task for_each_letter(exchange& x, letter_choice choice, Step step) {
  bulk_outcome all;
  auto ids = co_await chosen(x, std::move(choice), all.more);
  for (const auto& letter : ids) {
    const bool late =
        x.context.deadline.us != 0 && process_time().now() + bulk_reserve > x.context.deadline;
    if (late && !all.data.empty()) {
      all.more = true;
      break;
    }
    callback_wait<kernel::answer> wait(
        [&](auto then) { step(letter.first, letter.second, std::move(then)); });
    kernel::answer a = co_await wait;
    letter_outcome one{letter.first, letter.second, !a.error, {}, {}};
    if (a.error) {
      one.code = a.error->code;
      one.error = a.error->detail;
    }
    all.data.push_back(std::move(one));
  }
  co_return x.json(200, all);
}

response_task replay_many(exchange& x, letter_choice choice) {
  auto answer = co_await for_each_letter(
      x, std::move(choice), [&x](const std::string& service, stoa::event_id id, auto then) {
        x.port->replay(service, id,
                       [&x, service, id, then = std::move(then)](kernel::answer a) mutable {
                         log_replay(x, service, id, a);
                         then(std::move(a));
                       });
      });
  co_return answer;
}

response_task discard_many(exchange& x, discard_choice choice) {
  const auto reason = choice.reason;
  auto answer = co_await for_each_letter(
      x, std::move(choice),
      [&x, &reason](const std::string& service, stoa::event_id id, auto then) {
        auto context = x.context;
        context.idempotency_scope.clear();
        x.port->command(service, kernel::any_message::of(kernel::discard_dead_letter{id, reason}),
                        std::move(context), std::move(then));
      });
  co_return answer;
}

}  // namespace

void add_dead_letter_routes(routes& r) {
  r.get<dead_letter_query, dead_letter_page>(
      "/admin/v1/events/dead-letters",
      {.id = "list_dead_letters",
       .tag = "admin",
       .summary = "List dead letters: events that a service could not apply",
       .who = access::admin,
       .cost = list_cost},
      list_dead);
  r.post<replay_body, none>("/admin/v1/events/dead-letters/{event_id}/replay",
                            {.id = "replay_dead_letter",
                             .tag = "admin",
                             .summary = "Replay a dead letter",
                             .who = access::admin,
                             .success = {204},
                             .errors = {404}},
                            replay);
  r.post<letter_choice, bulk_outcome>(
      "/admin/v1/events/dead-letters/replay",
      {.id = "replay_dead_letters",
       .tag = "admin",
       .summary = "Replay dead letters, by id or the newest that match",
       .description = "Each dead letter has a separate outcome. Repeat the request while `more` is "
                      "true and dead letters are done.",
       .who = access::admin,
       .cost = list_cost},
      replay_many);
  r.post<discard_choice, bulk_outcome>(
      "/admin/v1/events/dead-letters/discard",
      {.id = "discard_dead_letters",
       .tag = "admin",
       .summary = "Discard dead letters, by id or the newest that match",
       .description =
           "The dead letters are stored in the service's table operator_action, with the caller, "
           "the time and the reason. The events are not applied.",
       .who = access::admin,
       .cost = list_cost},
      discard_many);
}

}  // namespace stoa::front
