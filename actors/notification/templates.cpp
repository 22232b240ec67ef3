#include "actors/notification/templates.hpp"

#include "storage/base/describe.hpp"
#include "storage/base/locale_format.hpp"

#include <algorithm>
#include <utility>

namespace stoa::notification {

namespace {

std::vector<template_values> lines_of(const order_mail& about, const text::locale_format& format) {
  std::vector<template_values> lines;
  for (const auto& line : about.lines) {
    auto& row = lines.emplace_back();
    row.set("name", line.name);
    row.set("quantity", format.number(line.quantity));
    row.set("line_total", format.amount(line.line_total));
    row.set("properties", line.properties.value_or(""));
    row.set("line_note", line.note.value_or(""));
  }
  return lines;
}

std::vector<template_values> parts_of(const order_mail& about, const text::locale_format& format,
                                      bool included) {
  std::vector<template_values> rows;
  for (const auto& part : about.parts) {
    if (part.is_included != included) continue;
    auto& row = rows.emplace_back();
    row.set("label", part.label);
    row.set("amount", format.amount(part.amount));
  }
  return rows;
}

/// "items_one": the variable of the plural category.
std::string plural_variable(const text::locale_format& format, std::int64_t count) {
  return "items_" + format.plural(count);
}

}  // namespace

template_values order_values(const order_mail& about, const text::locale_format& format) {
  template_values values;
  values.set("store_name", about.store_name);
  values.set("customer_name", about.customer_name);
  values.set("order_number", about.order_number);
  values.set("total", format.amount(about.total));
  if (about.partial_of) values.set("partial_of", format.amount(*about.partial_of));
  values.set_list("lines", lines_of(about, format));
  values.set_list("parts", parts_of(about, format, false));
  values.set_list("included_taxes", parts_of(about, format, true));
  if (about.amount_due) values.set("amount_due", format.amount(*about.amount_due));
  values.set("note", about.note.value_or(""));
  std::int64_t count = 0;
  for (const auto& line : about.lines) count += line.quantity;
  if (count > 0) {
    values.set("item_count", format.number(count));
    values.set_flag(plural_variable(format, count).c_str());
  }
  values.set("reason", about.reason);
  if (!about.cause.empty()) values.set_flag(("cause_" + about.cause).c_str());
  if (!about.reason.empty() || !about.cause.empty()) values.set_flag("has_reason");
  values.set("unsubscribe_url", about.unsubscribe_url);
  if (about.pay_until) values.set("pay_until", format.date(*about.pay_until));
  values.set("instructions", about.instructions);
  return values;
}

std::vector<std::string> languages_of(const mail_style& style) {
  auto languages = text::language_chain(style.language);
  for (auto& language : text::language_chain(style.store_language)) {
    languages.push_back(std::move(language));
  }
  return languages;
}

const mail_template& template_for(std::string_view type, const mail_style& style) {
  return style.library->find(type, languages_of(style));
}

std::shared_ptr<const text::locale_format> format_for(std::string_view language_of_template,
                                                      const mail_style& style) {
  for (const auto& tag : {style.language, style.store_language}) {
    const auto chain = text::language_chain(tag);
    if (std::ranges::find(chain, language_of_template) != chain.end()) {
      return text::locale_format::of(chain.front());
    }
  }
  return text::locale_format::of(std::string(language_of_template));
}

rendered_mail render(mail_kind kind, const order_mail& about, const mail_style& style) {
  const auto& used = template_for(enum_name(kind), style);
  const auto format = format_for(used.language(), style);
  auto values = order_values(about, *format);
  values.set("date", format->date(style.date));
  return used.render(std::move(values));
}

}  // namespace stoa::notification
