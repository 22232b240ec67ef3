// Promotions and their codes, for staff.

#include "actors/pricing/promotion_rules.hpp"
#include "net/routes/all_routes.hpp"
#include "net/routes/current_rules.hpp"
#include "net/routes/paging.hpp"
#include "net/routes/staff_about.hpp"
#include "storage/base/text.hpp"

namespace stoa::front {

namespace {

using namespace stoa::pricing;
using response_task = task<http::response>;

const std::string promotions_path = "/admin/v1/promotions";
const std::string promotion_path = promotions_path + "/{promotion_id}";
const std::string codes_path = promotion_path + "/codes";

constexpr json::rule promotion_name_rule{
    .field = "name",
    .length_min = 1,
    .length_max = 200,
    .form = json::format::line,
    .description = "Shown to customers as the reason of the discount.",
    .example = R"("Summer sale")"};
constexpr json::rule promotion_text_rule{.field = "description",
                                         .length_max = 1000,
                                         .form = json::format::text,
                                         .description = "A note for staff."};
constexpr json::rule starts_rule{.field = "starts_at",
                                 .description = "Not applied before; default: at once."};
constexpr json::rule ends_rule{.field = "ends_at",
                               .description = "Not applied from then on; default: no end."};
constexpr json::rule priority_rule{
    .field = "priority",
    .value_min = -1'000'000,
    .value_max = 1'000'000,
    .description =
        "Promotions with a higher priority are applied first; of equal ones, the older."};
constexpr json::rule combines_rule{
    .field = "combines_with",
    .length_max = 3,
    .description =
        "The targets of the promotions with which it is combined; both must list the "
        "target of the other. Empty: it is combined with none. Default: all."};
constexpr json::rule uses_rule{.field = "uses_max",
                               .value_min = 1,
                               .value_max = 1'000'000'000,
                               .description = "The orders that may use it; default: any number."};
constexpr json::rule customer_rule{
    .field = "uses_per_customer_max",
    .value_min = 1,
    .value_max = 1'000'000,
    .description =
        "The orders of one account or, without one, of one email address that may use "
        "it; default: any number."};

struct new_promotion_body {
  static constexpr std::string_view schema_name = "new_promotion";
  static constexpr std::string_view example =
      R"({"name":"Summer sale","trigger":"code",)"
      R"("conditions":{"subtotal_min":[{"amount":5000,"currency":"EUR"}]},)"
      R"("discount":{"type":"percentage","target":"order","basis_points":1000}})";
  std::string name;
  std::optional<std::string> description;
  promotion_trigger trigger = promotion_trigger::automatic;
  std::optional<timestamp> starts_at;
  std::optional<timestamp> ends_at;
  std::int64_t priority = 0;
  std::optional<std::vector<discount_target>> combines_with;
  promotion_conditions conditions;
  promotion_discount discount;
  std::optional<std::int64_t> uses_max;
  std::optional<std::int64_t> uses_per_customer_max;
  static constexpr std::string_view defaults[] = {"trigger", "priority", "conditions"};
  static constexpr json::rule rules[] = {
      promotion_name_rule,
      promotion_text_rule,
      {.field = "trigger", .description = "Whether it needs one of its codes. Cannot be changed."},
      starts_rule,
      ends_rule,
      priority_rule,
      combines_rule,
      uses_rule,
      customer_rule};
};
BOOST_DESCRIBE_STRUCT(new_promotion_body, (),
                      (name, description, trigger, starts_at, ends_at, priority, combines_with,
                       conditions, discount, uses_max, uses_per_customer_max))

struct promotion_change_body {
  static constexpr std::string_view schema_name = "promotion_update";
  std::optional<promotion_status> status;
  std::optional<std::string> name;
  patch<std::string> description;
  patch<timestamp> starts_at;
  patch<timestamp> ends_at;
  std::optional<std::int64_t> priority;
  std::optional<std::vector<discount_target>> combines_with;
  std::optional<promotion_conditions> conditions;
  std::optional<promotion_discount> discount;
  patch<std::int64_t> uses_max;
  patch<std::int64_t> uses_per_customer_max;
  static constexpr json::rule rules[] = {
      {.field = "status", .description = "Disabled: not applied, until it is Active again."},
      promotion_name_rule,
      promotion_text_rule,
      starts_rule,
      ends_rule,
      priority_rule,
      combines_rule,
      uses_rule,
      customer_rule};
};
BOOST_DESCRIBE_STRUCT(promotion_change_body, (),
                      (status, name, description, starts_at, ends_at, priority, combines_with,
                       conditions, discount, uses_max, uses_per_customer_max))

struct new_codes_body {
  static constexpr std::string_view schema_name = "new_promotion_codes";
  static constexpr std::string_view example = R"({"count":100,"prefix":"VIP-","uses_max":1})";
  std::optional<std::string> code;
  std::optional<std::int64_t> count;
  std::optional<std::string> prefix;
  std::optional<std::int64_t> uses_max;
  static constexpr json::rule rules[] = {
      {.field = "code",
       .length_min = 1,
       .length_max = code_length_max,
       .form = json::format::line,
       .description = "One code, to be typed by customers. Upper and lower case are equal."},
      {.field = "count",
       .value_min = 1,
       .value_max = static_cast<std::int64_t>(codes_at_once_max),
       .description = "Instead of `code`: the number of random codes to make."},
      {.field = "prefix",
       .length_min = 1,
       .length_max = 32,
       .form = json::format::line,
       .description = "With `count`: how the codes begin."},
      {.field = "uses_max",
       .value_min = 1,
       .value_max = 1'000'000'000,
       .description = "The orders that may use each code; default: any number."}};
  void check(std::vector<field_error>& errors) const {
    if (code.has_value() == count.has_value()) {
      errors.push_back({"/code", "exclusive", "Exactly one of code and count is required."});
    }
    if (prefix && !count) errors.push_back({"/prefix", "unsupported", "Only with count."});
  }
};
BOOST_DESCRIBE_STRUCT(new_codes_body, (), (code, count, prefix, uses_max))

struct promotion_list_query {
  std::optional<promotion_status> status;
  std::optional<promotion_trigger> trigger;
  std::optional<std::int64_t> limit;
  std::optional<std::string> cursor;
  static constexpr json::rule rules[] = {
      {.field = "status", .description = "Promotions with this status."},
      {.field = "trigger", .description = "Promotions with this trigger."},
      limit_rule,
      cursor_rule};
};
BOOST_DESCRIBE_STRUCT(promotion_list_query, (), (status, trigger, limit, cursor))

stoa::promotion_id promotion_of(const exchange& x) {
  return x.path_id<stoa::promotion_id>("promotion_id", "promotion");
}

promotion_terms terms_of(new_promotion_body b) {
  promotion_terms t;
  t.name = std::move(b.name);
  t.description = std::move(b.description);
  t.trigger = b.trigger;
  t.starts_at = b.starts_at;
  t.ends_at = b.ends_at;
  t.priority = b.priority;
  t.combines_with = b.combines_with.value_or(std::vector<discount_target>{
      discount_target::items, discount_target::order, discount_target::shipping});
  t.conditions = std::move(b.conditions);
  t.discount = std::move(b.discount);
  t.uses_max = b.uses_max;
  t.uses_per_customer_max = b.uses_per_customer_max;
  return t;
}

response_task create_one(exchange& x, new_promotion_body b) {
  create_promotion command{{system_ids().next_v7()}, terms_of(std::move(b))};
  auto view = co_await x.command(std::move(command));
  co_await learn_rules(x);
  auto r = x.with_etag(x.json(201, view));
  r.headers.emplace_back("Location", promotions_path + "/" + view.promotion_id.str());
  co_return r;
}

response_task list_all(exchange& x, promotion_list_query q) {
  list_promotions query;
  query.status = q.status;
  query.trigger = q.trigger;
  query.before = cursor_id<stoa::promotion_id>(q.cursor);
  query.limit = q.limit.value_or(page_limit_default);
  query.count = x.shape.count;
  auto page = co_await x.ask(std::move(query));
  co_return x.page(std::move(page));
}

response_task read_promotion(exchange& x, none) {
  get_promotion query{promotion_of(x)};
  auto view = co_await x.ask(std::move(query));
  co_return x.cacheable(view);
}

response_task change_one(exchange& x, promotion_change_body b) {
  change_promotion command;
  command.promotion_id = promotion_of(x);
  command.precondition = x.precondition();
  command.change = {b.status,
                    std::move(b.name),
                    std::move(b.description),
                    b.starts_at,
                    b.ends_at,
                    b.priority,
                    std::move(b.combines_with),
                    std::move(b.conditions),
                    std::move(b.discount),
                    b.uses_max,
                    b.uses_per_customer_max};
  auto view = co_await x.command(std::move(command));
  co_await learn_rules(x);
  co_return x.with_etag(x.json(200, view));
}

response_task remove_promotion(exchange& x, none) {
  delete_promotion command{promotion_of(x), x.precondition()};
  co_await x.command(std::move(command));
  co_await learn_rules(x);
  co_return x.no_content();
}

/// A random code of 12 characters that are not mistaken for each other: Crockford's base 32.
std::string random_code(const std::string& prefix) {
  constexpr std::string_view alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  constexpr std::size_t length = 12;
  std::string code = prefix;
  for (const auto byte : text::random_bytes(length)) {
    code += alphabet[static_cast<unsigned char>(byte) % alphabet.size()];
  }
  return code;
}

response_task make_codes(exchange& x, new_codes_body b) {
  add_codes command{promotion_of(x), {}, b.uses_max};
  if (b.code) command.codes.push_back(text::trim(*b.code));
  for (std::int64_t i = 0; i < b.count.value_or(0); ++i) {
    command.codes.push_back(random_code(b.prefix.value_or("")));
  }
  const auto place = promotions_path + "/" + command.promotion_id.str() + "/codes";
  auto added = co_await x.command(std::move(command));
  auto r = x.json(201, added);
  r.headers.emplace_back("Location", place);
  co_return r;
}

response_task list_all_codes(exchange& x, page_query q) {
  list_codes query{promotion_of(x), std::move(q.cursor), q.limit.value_or(page_limit_default)};
  auto page = co_await x.ask(std::move(query));
  co_return x.page(std::move(page));
}

response_task remove_code(exchange& x, none) {
  delete_code command{promotion_of(x), x.path_value("code")};
  co_await x.command(std::move(command));
  co_return x.no_content();
}

}  // namespace

void add_promotion_routes(routes& r) {
  auto creation = for_staff("admin_create_promotion", "Create a promotion", {201}, {409, 422});
  creation.description =
      "It applies to carts at once, or from `starts_at`; on other nodes within a second. A store "
      "has at most 1000 promotions. Limited promotions and those with codes are reserved by an "
      "order before it is placed, and released if it is cancelled.";
  creation.answer_fields = {"ETag", "Location"};
  r.post<new_promotion_body, promotion_view>(promotions_path, std::move(creation), create_one);
  auto listing = for_staff("admin_list_promotions", "List promotions, newest first", {200}, {});
  listing.cost = list_cost;
  r.get<promotion_list_query, promotion_page>(promotions_path, std::move(listing), list_all);
  r.get<none, promotion_view>(promotion_path,
                              for_staff("admin_get_promotion", "Get a promotion", {200, 304}),
                              read_promotion);
  auto update = for_staff_if_match("admin_update_promotion", "Change or disable a promotion");
  update.description = "Orders that have been placed keep their discount.";
  r.patch<promotion_change_body, promotion_view>(promotion_path, std::move(update), change_one);
  auto removal =
      for_staff_if_match("admin_delete_promotion", "Delete a promotion", {204}, {404, 409, 412});
  removal.description = "Only while no order has used it. Its codes are deleted too.";
  r.del<none, none>(promotion_path, std::move(removal), remove_promotion);
  auto making =
      for_staff("admin_add_promotion_codes", "Add codes to a promotion", {201}, {404, 409, 422});
  making.description =
      "Either one code to be typed, or a number of random ones, for example single-use codes for a "
      "mailing: `uses_max` 1.";
  making.answer_fields = {"Location"};
  r.post<new_codes_body, code_page>(codes_path, std::move(making), make_codes);
  auto code_list = for_staff("admin_list_promotion_codes", "List the codes of a promotion");
  code_list.cost = list_cost;
  r.get<page_query, code_page>(codes_path, std::move(code_list), list_all_codes);
  r.del<none, none>(codes_path + "/{code}",
                    for_staff("admin_delete_promotion_code", "Delete a code", {204}, {404}),
                    remove_code);
}

}  // namespace stoa::front
