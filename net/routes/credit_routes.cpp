// Gift cards and store credit. The codes of gift cards are made and encrypted here.

#include "actors/user/user_messages.hpp"
#include "net/routes/all_routes.hpp"
#include "net/routes/gift_card_code.hpp"
#include "net/routes/paging.hpp"
#include "net/routes/staff_about.hpp"
#include "storage/base/text.hpp"

namespace stoa::front {

namespace {

using namespace stoa::pricing;
using response_task = task<http::response>;

const std::string gift_cards_path = "/admin/v1/gift-cards";
const std::string credit_accounts_path = "/admin/v1/credit-accounts";
const std::string credit_account_path = credit_accounts_path + "/{credit_account_id}";

constexpr std::size_t hint_length = 4;

constexpr json::rule credit_note_rule{.field = "note",
                                      .length_min = 1,
                                      .length_max = 500,
                                      .form = json::format::text,
                                      .description = "A note for staff."};
constexpr json::rule credit_amount_rule{
    .field = "amount", .value_min = 1, .description = "The amount, above zero."};

/// Of the code that a store chooses: short ones can be guessed.
constexpr std::size_t gift_code_length_min = 12;

struct new_gift_card_body {
  static constexpr std::string_view schema_name = "new_gift_card";
  static constexpr std::string_view example =
      R"({"amount":{"amount":5000,"currency":"EUR"},"note":"Order 7F3A9-1C2BP"})";
  money amount;
  std::optional<std::string> code;
  std::optional<timestamp> expires_at;
  std::optional<std::string> note;
  static constexpr json::rule rules[] = {
      credit_amount_rule,
      {.field = "code",
       .length_min = gift_code_length_min,
       .length_max = 64,
       .form = json::format::line,
       .description = "The code, which is a secret; default: a random one of 16 characters. Upper "
                      "and lower case, spaces and hyphens do not matter."},
      {.field = "expires_at", .description = "It cannot be redeemed from then on; default: never."},
      credit_note_rule};
};
BOOST_DESCRIBE_STRUCT(new_gift_card_body, (), (amount, code, expires_at, note))

struct gift_card_with_code {
  static constexpr std::string_view schema_name = "gift_card_with_code";
  credit_account_view account;
  std::string code;
};
BOOST_DESCRIBE_STRUCT(gift_card_with_code, (), (account, code))

struct new_credit_body {
  static constexpr std::string_view schema_name = "new_store_credit";
  static constexpr std::string_view example =
      R"({"amount":{"amount":1500,"currency":"EUR"},"note":"Late delivery"})";
  money amount;
  std::optional<std::string> note;
  static constexpr json::rule rules[] = {credit_amount_rule, credit_note_rule};
};
BOOST_DESCRIBE_STRUCT(new_credit_body, (), (amount, note))

struct credit_adjustment_body {
  static constexpr std::string_view schema_name = "credit_adjustment";
  static constexpr std::string_view example = R"({"change":-500,"note":"Counted twice"})";
  std::int64_t change = 0;
  std::string note;
  static constexpr json::rule rules[] = {
      {.field = "change",
       .value_min = -money_amount_max,
       .value_max = money_amount_max,
       .description = "The change of the balance, in minor units."},
      credit_note_rule};
};
BOOST_DESCRIBE_STRUCT(credit_adjustment_body, (), (change, note))

struct gift_card_body {
  static constexpr std::string_view schema_name = "gift_card_code";
  std::string code;
  static constexpr json::rule rules[] = {{.field = "code",
                                          .length_min = 1,
                                          .length_max = 64,
                                          .form = json::format::line,
                                          .description = "The code of the gift card.",
                                          .example = R"("7F3A-91C2-BPQX-0T5V")"}};
};
BOOST_DESCRIBE_STRUCT(gift_card_body, (), (code))

/// What a customer sees of a gift card or of store credit.
struct credit_balance_view {
  static constexpr std::string_view schema_name = "credit_balance";
  money balance;
  bool usable = false;
  std::optional<timestamp> expires_at;
};
BOOST_DESCRIBE_STRUCT(credit_balance_view, (), (balance, usable, expires_at))

struct credit_balance_list {
  static constexpr std::string_view schema_name = "credit_balance_list";
  std::vector<credit_balance_view> data;
};
BOOST_DESCRIBE_STRUCT(credit_balance_list, (), (data))

stoa::credit_account_id account_of(const exchange& x) {
  return x.path_id<stoa::credit_account_id>("credit_account_id", "credit account");
}
stoa::user_id credited_user(const exchange& x) {
  return x.path_id<stoa::user_id>("user_id", "user");
}

/// 80 random bits in Crockford's base 32, in groups of four.
std::string random_gift_code() {
  constexpr std::string_view alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  constexpr std::size_t length = 16;
  constexpr std::size_t group = 4;
  std::string code;
  const auto bytes = text::random_bytes(length);
  for (std::size_t i = 0; i < length; ++i) {
    if (i > 0 && i % group == 0) code += '-';
    code += alphabet[static_cast<unsigned char>(bytes[i]) % alphabet.size()];
  }
  return code;
}

void check_known_currency(const money& amount) {
  if (currency_exponent(amount.currency)) return;
  fail(invalid_field("/amount/currency", "currency", "This must be an ISO 4217 currency code."));
}

response_task issue(exchange& x, new_gift_card_body b) {
  check_known_currency(b.amount);
  if (b.code && text::plain_code(*b.code).size() < gift_code_length_min) {
    fail(invalid_field("/code", "too_short",
                       "This must have at least " + std::to_string(gift_code_length_min) +
                           " characters; spaces and hyphens do not count."));
  }
  if (b.expires_at && *b.expires_at <= x.now()) {
    fail(invalid_field("/expires_at", "range", "This must be in the future."));
  }
  const auto code = b.code.value_or(random_gift_code());
  const auto bytes = text::utf8_prefix(
      std::string_view(code).substr(code.size() - std::min(code.size(), hint_length)));
  issue_gift_card command{{system_ids().next_v7()},
                          gift_card_key(x, code),
                          x.shared->gift_cards->seal(code),
                          bytes == hint_length ? code.substr(code.size() - hint_length) : "",
                          std::move(b.amount),
                          b.expires_at,
                          std::move(b.note)};
  auto made = co_await x.command(std::move(command));
  auto shown = x.shared->gift_cards->open(made.sealed_code);
  if (!shown) fail({500, "internal_error", "The code cannot be decrypted.", {}});
  auto r = x.json(201, gift_card_with_code{made.account, std::move(*shown)});
  r.secret = true;
  r.headers.emplace_back("Location",
                         credit_accounts_path + "/" + made.account.credit_account_id.str());
  co_return r;
}

response_task list_cards(exchange& x, page_query q) {
  list_gift_cards query{cursor_id<stoa::credit_account_id>(q.cursor),
                        q.limit.value_or(page_limit_default)};
  auto page = co_await x.ask(std::move(query));
  co_return x.page(std::move(page));
}

response_task read_account(exchange& x, none) {
  get_credit query{account_of(x)};
  auto view = co_await x.ask(std::move(query));
  co_return x.cacheable(view);
}

response_task change_account(exchange& x, credit_change change) {
  change_credit command{account_of(x), std::move(change), x.precondition()};
  auto view = co_await x.command(std::move(command));
  co_return x.with_etag(x.json(200, view));
}

response_task adjust_account(exchange& x, credit_adjustment_body b) {
  adjust_credit command{account_of(x), b.change, std::move(b.note)};
  auto view = co_await x.command(std::move(command));
  co_return x.with_etag(x.json(200, view));
}

response_task list_entries(exchange& x, page_query q) {
  list_credit_entries query{account_of(x), cursor_id<stoa::credit_entry_id>(q.cursor),
                            q.limit.value_or(page_limit_default)};
  auto page = co_await x.ask(std::move(query));
  co_return x.page(std::move(page));
}

response_task grant(exchange& x, new_credit_body b) {
  check_known_currency(b.amount);
  const auto user = credited_user(x);
  user::get_user exists{user};
  co_await x.ask(std::move(exists));
  grant_store_credit command{user, std::move(b.amount), std::move(b.note)};
  auto view = co_await x.command(std::move(command));
  auto r = x.with_etag(x.json(201, view));
  r.headers.emplace_back("Location", credit_accounts_path + "/" + view.credit_account_id.str());
  co_return r;
}

response_task list_credit(exchange& x, none) {
  find_credit query{{}, credited_user(x)};
  auto found = co_await x.ask(std::move(query));
  credit_account_page page;
  for (auto& f : found.data) page.data.push_back(std::move(f.account));
  co_return x.json(200, page);
}

credit_balance_view balance_of(const credit_account_view& a, timestamp now) {
  const bool is_usable = a.status == credit_status::Active && a.balance.amount > 0 &&
                         !(a.expires_at && *a.expires_at <= now);
  return {a.balance, is_usable, a.expires_at};
}

response_task my_credit(exchange& x, none) {
  find_credit query{{}, x.context.who.user};
  auto found = co_await x.ask(std::move(query));
  credit_balance_list list;
  for (const auto& f : found.data) list.data.push_back(balance_of(f.account, x.now()));
  co_return x.json(200, list);
}

response_task read_gift_card(exchange& x, gift_card_body b) {
  code_lookup lookup(x, true, std::nullopt);
  find_credit query{{gift_card_key(x, b.code)}, std::nullopt};
  auto found = co_await x.ask(std::move(query));
  if (found.data.empty()) {
    lookup.failed(1);
    fail(not_found("gift card"));
  }
  co_return x.json(200, balance_of(found.data.front().account, x.now()));
}

void add_accounts(routes& r) {
  r.get<none, credit_account_view>(
      credit_account_path,
      for_staff("admin_get_credit_account", "Get a gift card or store credit", {200, 304}),
      read_account);
  r.patch<credit_change, credit_account_view>(
      credit_account_path,
      for_staff_if_match("admin_update_credit_account",
                         "Disable a gift card or store credit, or change its expiry"),
      change_account);
  auto adjusting =
      for_staff("admin_adjust_credit_account",
                "Change the balance of a gift card or of store credit", {200}, {404, 409, 422});
  adjusting.key_required = true;
  adjusting.answer_fields = {"ETag"};
  r.post<credit_adjustment_body, credit_account_view>(credit_account_path + "/adjust",
                                                      std::move(adjusting), adjust_account);
  auto entries =
      for_staff("admin_list_credit_entries", "List the changes of a balance, newest first");
  entries.cost = list_cost;
  r.get<page_query, credit_entry_page>(credit_account_path + "/entries", std::move(entries),
                                       list_entries);
}

}  // namespace

void add_credit_routes(routes& r) {
  auto issuing = for_staff("admin_issue_gift_card", "Issue a gift card", {201}, {409, 422});
  issuing.description = "The code is shown in this response only; later responses have its end.";
  issuing.answer_fields = {"Location"};
  issuing.key_required = true;
  issuing.reject_cards = true;
  r.post<new_gift_card_body, gift_card_with_code>(gift_cards_path, std::move(issuing), issue);
  auto listing = for_staff("admin_list_gift_cards", "List gift cards, newest first", {200}, {});
  listing.cost = list_cost;
  r.get<page_query, credit_account_page>(gift_cards_path, std::move(listing), list_cards);
  add_accounts(r);
  const std::string of_user = "/admin/v1/users/{user_id}/store-credit";
  auto granting =
      for_staff("admin_grant_store_credit", "Add to a user's store credit", {201}, {404, 409, 422});
  granting.description = "A user has one account per currency.";
  granting.answer_fields = {"ETag", "Location"};
  granting.key_required = true;
  r.post<new_credit_body, credit_account_view>(of_user, std::move(granting), grant);
  r.get<none, credit_account_page>(
      of_user, for_staff("admin_list_store_credit", "List a user's store credit", {200}, {}),
      list_credit);
  r.get<none, credit_balance_list>("/store/v1/users/me/store-credit",
                                   {.id = "list_my_store_credit",
                                    .tag = "users",
                                    .summary = "List my store credit, one balance per currency",
                                    .who = access::user},
                                   my_credit);
  r.post<gift_card_body, credit_balance_view>(
      "/store/v1/gift-cards/balance",
      {.id = "get_gift_card_balance",
       .tag = "carts",
       .summary = "Get the balance of a gift card by its code",
       .errors = {404},
       .same_for_all = true,
       .limit = limit_class::checkout,
       .body_bytes_max = 4096,
       .json_values_max = 50},
      read_gift_card);
}

}  // namespace stoa::front
