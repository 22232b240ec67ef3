#pragma once
// The mails about an order: mustache templates, compiled in.

#include "storage/base/money.hpp"

#include <boost/describe.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace stoa::notification {

/// What a mail is about.
enum class mail_kind { confirmed, cancelled, shipped, delivered, refunded, payment_awaited };
BOOST_DESCRIBE_ENUM(mail_kind, confirmed, cancelled, shipped, delivered, refunded, payment_awaited)

/// One line of the order.
struct mail_line {
  std::string name;
  std::int64_t quantity = 0;
  money line_total;

  bool operator==(const mail_line&) const = default;
};
BOOST_DESCRIBE_STRUCT(mail_line, (), (name, quantity, line_total))

/// The variables of the templates. May be empty: customer_name (no name in the greeting), lines (no
/// table), reason (omitted). For mail_kind::refunded `total` is the refunded amount, and
/// `partial_of` the order's total if it is higher.
struct order_mail {
  std::string store_name;
  std::string order_number;
  std::string customer_name;
  std::vector<mail_line> lines;
  money total;
  std::string reason;
  std::optional<money> partial_of = std::nullopt;
  // For mail_kind::payment_awaited:
  std::string pay_until = {};     ///< a date
  std::string instructions = {};  ///< where to pay

  bool operator==(const order_mail&) const = default;
};
BOOST_DESCRIBE_STRUCT(order_mail, (),
                      (store_name, order_number, customer_name, lines, total, reason, partial_of,
                       pay_until, instructions))

/// A rendered mail. The subject is one line without control characters, whatever the values
/// contain.
struct rendered_mail {
  std::string subject;
  std::string text;
  std::string html;
};

/// The value without control characters, which could otherwise inject lines into the mail, or
/// headers by the subject.
std::string one_line(std::string_view value);

/// Thread-safe. Values are escaped in the HTML only; they are never interpreted as templates.
rendered_mail render(mail_kind kind, const order_mail& about);

}  // namespace stoa::notification
