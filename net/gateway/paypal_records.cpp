// PayPal's own records: lists of a period from its reports
// (https://developer.paypal.com/docs/api/transaction-search/v1/).

#include "net/gateway/paypal.hpp"
#include "net/http/percent.hpp"
#include "storage/base/json_read.hpp"

#include <algorithm>
#include <charconv>

namespace stoa::gateways {

namespace {

using payment::gateway_list;
using payment::gateway_payment;
using payment::gateway_payment_status;
using payment::gateway_refund;
using payment::gateway_refund_status;
using payment::list_page;
using payment::list_request;
using paypal_api::transaction_info;

constexpr std::int64_t us_per_second = 1'000'000;
/// The longest period of one query.
constexpr std::int64_t window_s_max = 31LL * 24 * 3600;

/// PayPal's codes of transactions.
constexpr std::string_view payment_codes = "T00";
constexpr std::string_view authorization_code = "T1300";
constexpr std::string_view refund_code = "T1107";

/// Where a page begins. The payments are listed before the authorisations, which are not among the
/// transactions that change a balance.
struct page_position {
  std::int64_t from_s = 0;  ///< of the window, seconds since 1970
  std::int64_t page = 1;    ///< in the window
  bool of_authorizations = false;

  std::string str() const {
    return std::to_string(from_s) + "." + std::to_string(page) + (of_authorizations ? "a" : "p");
  }
};

/// The bounds are those of the seconds, as PayPal reports no fractions.
std::int64_t first_second(timestamp t) {
  return t.us / us_per_second;
}
std::int64_t end_second(timestamp t) {
  return (t.us + us_per_second - 1) / us_per_second;
}

page_position position_of(const list_request& r) {
  page_position at{first_second(r.from)};
  const auto* end = r.cursor.data() + r.cursor.size();
  const auto* dot = std::from_chars(r.cursor.data(), end, at.from_s).ptr;
  if (dot != end) std::from_chars(dot + 1, end, at.page);
  at.of_authorizations = r.cursor.ends_with('a');
  return at;
}

std::int64_t window_end(const list_request& r, const page_position& at) {
  return std::min(end_second(r.to), at.from_s + window_s_max);
}

std::string path_of(const list_request& r, const page_position& at) {
  const auto text = [](std::int64_t s) {
    return http::percent_encode(timestamp{s * us_per_second}.str());
  };
  auto path = "/v1/reporting/transactions?fields=transaction_info&page_size=100&page=" +
              std::to_string(at.page) + "&start_date=" + text(at.from_s) +
              "&end_date=" + text(window_end(r, at));
  if (r.what == gateway_list::refunds) path.append("&transaction_type=").append(refund_code);
  if (at.of_authorizations) {
    path.append("&balance_affecting_records_only=N&transaction_type=").append(authorization_code);
  }
  return path;
}

/// Empty: the last page.
std::string next_of(const list_request& r, page_position at, std::int64_t pages) {
  if (at.page < pages) {
    ++at.page;
  } else if (const auto end = window_end(r, at); end < end_second(r.to)) {
    at = {end, 1, at.of_authorizations};
  } else if (r.what == gateway_list::payments && !at.of_authorizations) {
    at = {first_second(r.from), 1, true};
  } else {
    return {};
  }
  return at.str();
}

/// PayPal writes the offset without the colon of RFC 3339.
std::optional<timestamp> time_of(std::string date) {
  constexpr std::size_t offset_size = 5;  // +0000
  if (date.size() > offset_size) {
    const auto sign = date[date.size() - offset_size];
    if (sign == '+' || sign == '-') date.insert(date.size() - 2, ":");
  }
  return timestamp::parse(date);
}

gateway_payment payment_of(const transaction_info& t, money amount, timestamp created) {
  gateway_payment made{t.transaction_id, t.custom_field.value_or(""), std::move(amount),
                       gateway_payment_status::none, created};
  const auto status = t.transaction_status.value_or("");
  if (t.transaction_event_code == authorization_code) {
    // The store knows the authorisation by its order.
    const bool has_order = t.paypal_reference_id_type == "ODR";
    made.transaction_id = has_order ? t.paypal_reference_id.value_or("") : "";
    if (status == "S" || status == "P") made.status = gateway_payment_status::authorized;
    return made;
  }
  // V: captured, and refunded since then.
  if (status == "S" || status == "V") made.status = gateway_payment_status::captured;
  if (status == "P") made.status = gateway_payment_status::open;
  return made;
}

gateway_refund refund_of(const transaction_info& t, money amount, timestamp created) {
  gateway_refund made;
  made.transaction_id = t.transaction_id;
  made.payment_id = t.custom_field.value_or("");
  made.payment_transaction_id = t.paypal_reference_id.value_or("");
  made.amount = std::move(amount);
  made.created_at = created;
  const auto status = t.transaction_status.value_or("");
  if (status == "S") made.status = gateway_refund_status::succeeded;
  if (status == "D" || status == "V") made.status = gateway_refund_status::failed;
  return made;
}

/// Adds the transaction if the list is about it. Amounts that the account has paid are negative.
void take(const transaction_info& t, const list_request& r, const page_position& at,
          list_page& page) {
  const auto created = time_of(t.transaction_initiation_date);
  const auto amount =
      t.transaction_amount ? paypal_api::money_of(*t.transaction_amount) : std::optional<money>();
  if (!created || !amount) return;
  const auto second = first_second(*created);
  if (second < at.from_s || second >= window_end(r, at)) return;
  const auto& code = t.transaction_event_code;
  if (r.what == gateway_list::refunds) {
    if (code != refund_code) return;
    page.refunds.push_back(refund_of(t, {std::abs(amount->amount), amount->currency}, *created));
  } else if (amount->amount > 0) {
    const bool is_listed =
        at.of_authorizations ? code == authorization_code : code.starts_with(payment_codes);
    if (is_listed) page.payments.push_back(payment_of(t, *amount, *created));
  }
}

list_page page_of(const paypal_api::reply& answer, const list_request& r, const page_position& at) {
  list_page page;
  if (answer.kind == paypal_api::reply_kind::accepted) {
    if (const auto found = json::read_lenient<paypal_api::transaction_page>(answer.body)) {
      page.known = true;
      for (const auto& t : found->transaction_details) take(t.transaction_info, r, at, page);
      page.next = next_of(r, at, found->total_pages.value_or(0));
      return page;
    }
  }
  page.code = answer.kind == paypal_api::reply_kind::rejected ? "rejected" : "unavailable";
  if (answer.status == 0) page.code = "timeout";
  if (answer.issue == "RESULTSET_TOO_LARGE") page.code = "too_large";
  return page;
}

}  // namespace

void paypal::list(payment::list_request request, list_callback done) {
  const auto at = position_of(request);
  const auto path = path_of(request, at);
  send("GET", path, "", "",
       [r = std::move(request), at, report = open_.counted(std::move(done))](const reply& answer) {
         report(page_of(answer, r, at));
       });
}

}  // namespace stoa::gateways
