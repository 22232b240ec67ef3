#include "actors/notification/short_texts.hpp"

#include "actors/notification/templates.hpp"
#include "storage/base/describe.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <stdexcept>

namespace stoa::notification {

namespace {

constexpr std::string_view number_mark = "{order_number}";
constexpr std::string_view amount_mark = "{amount}";

struct short_texts {
  std::string_view language;
  short_kind kind;
  std::string_view text;
};

constexpr std::string_view default_language = "en";

constexpr std::array all_short_texts{
    short_texts{"en", short_kind::confirmed, "Your order {order_number} is confirmed: {amount}."},
    short_texts{"en", short_kind::cancelled, "Your order {order_number} has been cancelled."},
    short_texts{"en", short_kind::shipped, "Your order {order_number} has shipped."},
    short_texts{"en", short_kind::delivered, "Your order {order_number} has been delivered."},
    short_texts{"en", short_kind::refunded,
                "We have refunded {amount} of your order {order_number}."},
    short_texts{"en", short_kind::action_required,
                "Please confirm the payment of your order {order_number}."},
    short_texts{"de", short_kind::confirmed,
                "Ihre Bestellung {order_number} ist best\xC3\xA4tigt: {amount}."},
    short_texts{"de", short_kind::cancelled, "Ihre Bestellung {order_number} wurde storniert."},
    short_texts{"de", short_kind::shipped, "Ihre Bestellung {order_number} wurde versandt."},
    short_texts{"de", short_kind::delivered, "Ihre Bestellung {order_number} wurde zugestellt."},
    short_texts{"de", short_kind::refunded,
                "Wir haben {amount} Ihrer Bestellung {order_number} erstattet."},
    short_texts{"de", short_kind::action_required,
                "Bitte best\xC3\xA4tigen Sie die Zahlung Ihrer Bestellung {order_number}."},
};

std::optional<std::string_view> text_in(std::string_view language, short_kind kind) {
  const auto found = std::ranges::find_if(all_short_texts, [&](const short_texts& t) {
    return t.language == language && t.kind == kind;
  });
  if (found == all_short_texts.end()) return std::nullopt;
  return found->text;
}

/// The primary language of a tag in lower case: "de" of "de-AT".
std::string language_of(std::string_view tag) {
  std::string language(tag.substr(0, tag.find_first_of("-_")));
  for (char& c : language) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return language;
}

void replace_mark(std::string& text, std::string_view mark, const std::string& value) {
  const auto at = text.find(mark);
  if (at != std::string::npos) text.replace(at, mark.size(), value);
}

}  // namespace

short_kinds short_kinds_of(const std::vector<std::string>& names) {
  short_kinds kinds;
  for (const auto& name : names) {
    short_kind kind{};
    if (boost::describe::enum_from_string(name.c_str(), kind)) kinds.insert(kind);
  }
  return kinds;
}

std::string short_text(short_kind kind, const short_content& about, std::string_view locale,
                       std::string_view store_locale) {
  std::optional<std::string_view> found;
  for (const auto& language :
       {language_of(locale), language_of(store_locale), std::string(default_language)}) {
    if (!found) found = text_in(language, kind);
  }
  if (!found) throw std::logic_error("no short text of this kind");
  std::string text(*found);
  // The amount first: it contains no marks, which an order number might.
  replace_mark(text, amount_mark, to_display(about.amount));
  replace_mark(text, number_mark, one_line(about.order_number));
  return text;
}

}  // namespace stoa::notification
