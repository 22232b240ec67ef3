#pragma once
// The mails about an order: their content, and its form in the customer's language.

#include "actors/notification/template_library.hpp"
#include "storage/base/money.hpp"
#include "storage/base/time.hpp"

#include <boost/describe.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace stoa::text {
class locale_format;
}

namespace stoa::notification {

/// What a mail is about.
enum class mail_kind { confirmed, cancelled, shipped, delivered, refunded, payment_awaited };
BOOST_DESCRIBE_ENUM(mail_kind, confirmed, cancelled, shipped, delivered, refunded, payment_awaited)

/// One line of the order.
struct mail_line {
  std::string name;
  std::int64_t quantity = 0;
  money line_total;
  std::optional<std::string> properties = std::nullopt;  ///< "Engraving: For Ada, Wrapping: blue"
  std::optional<std::string> note = std::nullopt;        ///< of the customer

  bool operator==(const mail_line&) const = default;
};
BOOST_DESCRIBE_STRUCT(mail_line, (), (name, quantity, line_total, properties, note))

/// A discount, a tax or the costs of shipping.
struct mail_part {
  std::string label;
  money amount;
  bool is_included = false;  ///< a tax that the prices include: not added to the total

  bool operator==(const mail_part&) const = default;
};
BOOST_DESCRIBE_STRUCT(mail_part, (), (label, amount, is_included))

/// The content of a mail about an order. May be empty: customer_name (no name in the greeting),
/// lines (no table), reason and cause (omitted). For mail_kind::refunded `total` is the refunded
/// amount, `lines` are the refunded ones, and `partial_of` the order's total if it is higher.
struct order_mail {
  std::string store_name;
  std::string order_number;
  std::string customer_name;
  std::vector<mail_line> lines;
  money total;
  std::string reason;  ///< as entered by the customer or the staff
  std::optional<money> partial_of = std::nullopt;
  std::string cause = {};  ///< instead of a reason: NAME of a variable cause_NAME
  std::string unsubscribe_url = {};
  // For mail_kind::payment_awaited:
  std::optional<timestamp> pay_until = std::nullopt;
  std::string instructions = {};  ///< where to pay
  std::vector<mail_part> parts = {};
  /// The rest of the total after gift cards and store credit, if there are any.
  std::optional<money> amount_due = std::nullopt;
  std::optional<std::string> note = std::nullopt;  ///< of the customer, on one line

  bool operator==(const order_mail&) const = default;
};
BOOST_DESCRIBE_STRUCT(order_mail, (),
                      (store_name, order_number, customer_name, lines, total, reason, partial_of,
                       cause, unsubscribe_url, pay_until, instructions, parts, amount_due, note))

/// The languages of a mail, and its date.
struct mail_style {
  std::shared_ptr<const template_library> library;
  std::string language;               ///< the customer's (BCP 47); empty if unknown
  std::string store_language = "en";  ///< if there is no template in the customer's
  timestamp date;
};

/// The template of the type for the languages of the style.
const mail_template& template_for(std::string_view type, const mail_style& style);
/// The languages of the style, the preferred one first.
std::vector<std::string> languages_of(const mail_style& style);
/// The formats of the customer's region if the template has the customer's language, otherwise
/// those of the template's language.
std::shared_ptr<const text::locale_format> format_for(std::string_view language_of_template,
                                                      const mail_style& style);
/// The values of the variables of an order.
template_values order_values(const order_mail& about, const text::locale_format& format);

/// Thread-safe.
rendered_mail render(mail_kind kind, const order_mail& about, const mail_style& style);

}  // namespace stoa::notification
