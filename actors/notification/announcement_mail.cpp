#include "actors/notification/announcement_mail.hpp"

#include "storage/base/locale_format.hpp"

#include <algorithm>

namespace stoa::notification {

namespace {

/// Separated by empty lines; single line breaks are joined.
std::vector<template_values> paragraphs_of(std::string_view text) {
  std::vector<template_values> all;
  std::string paragraph;
  const auto end_paragraph = [&] {
    if (!paragraph.empty()) all.emplace_back().set("paragraph", std::exchange(paragraph, {}));
  };
  while (!text.empty()) {
    auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.remove_suffix(1);
    if (line.empty()) {
      end_paragraph();
      continue;
    }
    if (!paragraph.empty()) paragraph += ' ';
    paragraph += line;
  }
  end_paragraph();
  return all;
}

}  // namespace

const announcement_text& text_for(const std::vector<announcement_text>& texts,
                                  const mail_style& style) {
  for (const auto& language : languages_of(style)) {
    const auto found = std::ranges::find(texts, language, &announcement_text::locale);
    if (found != texts.end()) return *found;
  }
  return texts.front();
}

rendered_mail render(const announcement_text& text, std::string_view store_name,
                     std::string_view unsubscribe_url, const mail_style& style) {
  // The frame of the email has the language of the text.
  auto of_text = style;
  of_text.language = text.locale;
  const auto& used = template_for(announcement_type, of_text);
  template_values values;
  values.set("store_name", std::string(store_name));
  values.set("date", format_for(used.language(), of_text)->date(style.date));
  values.set("headline", text.subject);
  values.set_list("paragraphs", paragraphs_of(text.text));
  values.set("unsubscribe_url", std::string(unsubscribe_url));
  return used.render(std::move(values));
}

}  // namespace stoa::notification
