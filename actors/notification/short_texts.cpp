#include "actors/notification/short_texts.hpp"

#include "actors/notification/sms_text.hpp"
#include "storage/base/describe.hpp"
#include "storage/base/locale_format.hpp"

namespace stoa::notification {

short_kinds short_kinds_of(const std::vector<std::string>& names) {
  short_kinds kinds;
  for (const auto& name : names) {
    if (const auto kind = enum_value<short_kind>(name)) kinds.insert(*kind);
  }
  return kinds;
}

const short_template& template_for(short_kind kind, const mail_style& style) {
  return style.library->find_short(enum_name(kind), languages_of(style));
}

std::string short_text(short_kind kind, const order_mail& about, const mail_style& style) {
  const auto& used = template_for(kind, style);
  const auto format = format_for(used.language(), style);
  auto values = order_values(about, *format);
  values.set("date", format->date(style.date));
  return used.render(std::move(values));
}

std::string text_message(std::string_view store_name, std::string_view text) {
  return fit_sms(one_line(store_name) + ": " + std::string(text));
}

}  // namespace stoa::notification
