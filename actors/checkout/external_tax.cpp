#include "actors/checkout/external_tax.hpp"

#include "actors/pricing/taxes.hpp"
#include "storage/base/json_read.hpp"
#include "storage/base/json_write.hpp"

#include <algorithm>

namespace stoa::checkout {

namespace {

constexpr std::size_t reference_bytes_max = 200;
constexpr std::size_t tax_name_bytes_max = 100;
/// Of price parts, for programs: the same as of built-in taxes.
constexpr std::string_view provider_tax_code = "tax";

/// What the discounts have left of each line.
std::vector<std::int64_t> left_of(const pricing::quote& q) {
  std::vector<std::int64_t> left;
  for (const auto& total : q.line_totals) left.push_back(total.amount);
  for (const auto& part : q.price_parts) {
    if (part.kind != price_part_kind::adjustment || !part.lines) continue;
    for (const auto& share : *part.lines) {
      left[static_cast<std::size_t>(share.line)] += share.amount;
    }
  }
  return left;
}

std::string shipping_class_of(const pricing::rule_book& rules, stoa::shipping_method_id id) {
  for (const auto& zone : rules.zones()) {
    for (const auto& method : zone.terms.methods) {
      if (method.shipping_method_id == id) return method.tax_class;
    }
  }
  return std::string(pricing::standard_tax_class);
}

/// A text that may be shown: printable, not blank.
bool is_line(std::string_view text, std::size_t bytes_max) {
  return !text.empty() && text.size() <= bytes_max && text.find_first_not_of(' ') != text.npos &&
         std::ranges::none_of(
             text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

/// Why the taxes of one amount are not valid; empty: they are. Adds them to the sum.
std::string_view fault_in(const std::vector<provider_tax>& taxes, std::int64_t amount,
                          std::int64_t& sum) {
  if (taxes.size() > taxes_per_line_max) return "out_of_range";
  std::int64_t together = 0;
  for (const auto& t : taxes) {
    if (!is_line(t.name, tax_name_bytes_max)) return "malformed";
    if (t.amount < 0 || t.amount > amount - together) return "out_of_range";
    const auto rate = t.parts_per_million.value_or(0);
    if (rate < 0 || rate > pricing::rate_whole) return "out_of_range";
    together += t.amount;
  }
  sum += together;
  return {};
}

std::string_view fault_in(const tax_answer& a, const tax_question& q) {
  if (!is_line(a.reference, reference_bytes_max)) return "malformed";
  if (a.currency != q.currency) return "wrong_currency";
  if (a.lines.size() != q.lines.size()) return "wrong_lines";
  std::vector<bool> seen(q.lines.size());
  std::int64_t sum = 0;
  for (const auto& line : a.lines) {
    const auto at = static_cast<std::size_t>(line.position);
    if (line.position < 0 || at >= seen.size() || seen[at]) return "wrong_lines";
    seen[at] = true;
    if (const auto fault = fault_in(line.taxes, q.lines[at].amount, sum); !fault.empty()) {
      return fault;
    }
  }
  const auto shipping = q.shipping ? q.shipping->amount : 0;
  if (const auto fault = fault_in(a.shipping, shipping, sum); !fault.empty()) return fault;
  return sum == a.total ? std::string_view() : "wrong_sum";
}

price_part& tax_part(std::vector<price_part>& parts, const provider_tax& t, const tax_question& q) {
  const auto found = std::ranges::find_if(parts, [&](const price_part& p) {
    return p.reason == t.name && p.parts_per_million == t.parts_per_million;
  });
  if (found != parts.end()) return *found;
  auto& part = parts.emplace_back();
  part.kind = q.prices_include_tax ? price_part_kind::included_tax : price_part_kind::tax;
  part.code = provider_tax_code;
  part.reason = t.name;
  part.amount.currency = q.currency;
  part.lines.emplace();
  part.parts_per_million = t.parts_per_million;
  return part;
}

/// Two taxes of a line may have one name and rate.
void add_share(price_part& part, std::int64_t line, std::int64_t amount) {
  part.amount.amount += amount;
  if (!part.lines->empty() && part.lines->back().line == line) {
    part.lines->back().amount += amount;
  } else {
    part.lines->push_back({line, amount});
  }
}

[[noreturn]] void refuse_taxes() {
  kernel::fail({problem_kind::unavailable,
                "tax_unavailable",
                "The taxes cannot be computed at the moment. Nothing was changed. Try again.",
                {}});
}

}  // namespace

tax_address tax_address_of(const address& a) {
  return {a.country, a.state.value_or(""), a.postal_code,
          a.city,    a.address_line1,      a.address_line2.value_or("")};
}

tax_question question_of(const cart::cart_content& cart, const cart_context& context,
                         const pricing::priced_basket& plain) {
  tax_question q;
  q.purpose = context.is_checkout ? "checkout" : "quote";
  q.currency = context.basket.currency;
  q.prices_include_tax = context.rules->prices_include_tax();
  q.tax_exempt = context.basket.tax_exempt;
  q.ship_to = context.tax_to.value_or(tax_address{});
  const auto left = left_of(plain.quote);
  for (std::size_t i = 0; i < cart.items.size(); ++i) {
    const auto& item = cart.items[i];
    const auto fact =
        std::ranges::find(context.facts, item.product_id, &catalog::product_fact::product_id);
    std::string tax_class(pricing::standard_tax_class);
    if (fact != context.facts.end()) tax_class = fact->tax_class.value_or(tax_class);
    q.lines.push_back({static_cast<std::int64_t>(i), item.product_id, std::move(tax_class),
                       item.quantity, left[i]});
  }
  if (plain.shipping) {
    q.shipping =
        taxed_shipping{shipping_class_of(*context.rules, plain.shipping->shipping_method_id),
                       plain.quote.shipping_total.amount};
  }
  return q;
}

checked_tax check_answer(std::string_view body, const tax_question& question) {
  if (body.size() > tax_answer_bytes_max) return {std::nullopt, "too_large"};
  auto read = json::read_lenient<tax_answer>(body);
  if (!read) return {std::nullopt, "malformed"};
  const auto fault = fault_in(*read, question);
  if (!fault.empty()) return {std::nullopt, std::string(fault)};
  return {std::move(*read), {}};
}

std::vector<price_part> parts_of(const tax_answer& answer, const tax_question& question) {
  std::vector<price_part> parts;
  auto lines = answer.lines;
  std::ranges::sort(lines, {}, &provider_line::position);
  for (const auto& line : lines) {
    for (const auto& t : line.taxes) {
      if (t.amount > 0) add_share(tax_part(parts, t, question), line.position, t.amount);
    }
  }
  for (const auto& t : answer.shipping) {
    if (t.amount == 0) continue;
    auto& part = tax_part(parts, t, question);
    part.amount.amount += t.amount;
    part.shipping_amount = part.shipping_amount.value_or(0) + t.amount;
  }
  return parts;
}

kernel::task<kernel::nothing> add_taxes(tax_source& source, const cart::cart_content& cart,
                                        cart_context& context) {
  const bool can_be_ordered =
      !cart.items.empty() && std::ranges::none_of(cart.items, [&](const auto& item) {
        return obstacle_to(cart, item, context).has_value();
      });
  if (!context.tax_to || !can_be_ordered) co_return kernel::nothing{};
  context.basket.taxes.emplace();
  const auto plain = quote_of(cart, context);
  if (!plain) co_return kernel::nothing{};  // The caller gets the same error.
  auto question = question_of(cart, context, *plain);
  question.cart_reference = source.reference_of(cart.cart_id);
  auto body = json::write(question);
  auto reply = co_await source.ask(std::move(body));
  auto checked = reply.body ? check_answer(*reply.body, question)
                            : checked_tax{std::nullopt, std::move(reply.failure)};
  if (checked.answer) {
    // An exempt customer pays none, whatever the answer says.
    if (!question.tax_exempt || question.prices_include_tax) {
      context.basket.taxes =
          pricing::without_exempt(parts_of(*checked.answer, question), context.basket);
    }
    context.tax = tax_record{"http", std::move(checked.answer->reference), std::nullopt};
    co_return kernel::nothing{};
  }
  if (!source.falls_back()) refuse_taxes();
  context.basket.taxes.reset();
  context.tax = tax_record{"builtin", std::nullopt, std::move(checked.failure)};
  co_return kernel::nothing{};
}

}  // namespace stoa::checkout
