// PayPal's Transaction Search API. Unlike PayPal's, the reports have no delay.

#include "net/gateway_simulator/paypal_parts.hpp"
#include "net/gateway_simulator/simulated_parts.hpp"

#include <algorithm>

namespace stoa::simulator {

namespace {

constexpr std::chrono::hours period_max{24 * 31};
constexpr std::int64_t page_size_max = 500;
constexpr std::string_view authorization_code = "T1300";

struct period {
  timestamp from;
  timestamp to;
};

std::string report_date(timestamp t) {
  constexpr std::size_t whole_seconds = 19;
  return t.str().substr(0, whole_seconds) + "+0000";
}

/// S: success; V: reversed, also by a refund; D: denied; P: pending.
std::string report_status(const std::string& status) {
  if (status == "VOIDED" || status == "REFUNDED") return "V";
  if (status == "DECLINED") return "D";
  return status == "PENDING" ? "P" : "S";
}

struct reference {
  std::string id;
  std::string type;
};

void add(std::vector<paypal_transaction>& all, const period& of,
         const std::optional<std::vector<paypal_payment>>& payments, std::string_view code,
         const std::optional<reference>& reference) {
  for (const auto& p : payments.value_or(std::vector<paypal_payment>{})) {
    const auto created = timestamp::parse(p.create_time).value_or(timestamp{});
    if (created < of.from || created > of.to) continue;
    paypal_transaction_info t;
    t.transaction_id = p.id;
    if (reference) {
      t.paypal_reference_id = reference->id;
      t.paypal_reference_id_type = reference->type;
    }
    t.transaction_event_code = code;
    t.transaction_initiation_date = t.transaction_updated_date = report_date(created);
    t.transaction_amount = p.amount;
    if (code == "T1107") t.transaction_amount.value.insert(0, "-");
    t.transaction_status = report_status(p.status);
    t.invoice_id = p.invoice_id;
    t.custom_field = p.custom_id;
    all.push_back({std::move(t)});
  }
}

std::optional<reference> first_of(const std::optional<std::vector<paypal_payment>>& payments) {
  if (!payments || payments->empty()) return std::nullopt;
  return reference{payments->front().id, "TXN"};
}

std::optional<period> period_of(const api_request& r) {
  const auto from = timestamp::parse(field(r, "start_date"));
  const auto to = timestamp::parse(field(r, "end_date"));
  if (!from || !to || *to < *from || *to - *from > period_max) return std::nullopt;
  return period{*from, *to};
}

}  // namespace

api_response paypal_api::transactions(const api_request& r) {
  const auto of = period_of(r);
  const auto size = number(r.fields.find("page_size").value_or("100")).value_or(0);
  const auto page = number(r.fields.find("page").value_or("1")).value_or(0);
  if (!of || size < 1 || size > page_size_max || page < 1) {
    return failed_with(400, "INVALID_REQUEST", "INVALID_PARAMETER_VALUE");
  }
  std::vector<paypal_transaction> all;
  for (const auto& o : orders_.created_before(of->to)) {
    const auto& made = o.shown.purchase_units.front().payments;
    if (!made) continue;
    add(all, *of, made->authorizations, authorization_code, reference{o.shown.id, "ODR"});
    add(all, *of, made->captures, "T0006", first_of(made->authorizations));
    add(all, *of, made->refunds, "T1107", first_of(made->captures));
  }
  const auto wanted = field(r, "transaction_type");
  const bool with_authorizations = field(r, "balance_affecting_records_only") == "N";
  std::erase_if(all, [&](const paypal_transaction& t) {
    const auto& code = t.transaction_info.transaction_event_code;
    if (code == authorization_code && !with_authorizations) return true;
    return !wanted.empty() && wanted != code;
  });
  paypal_report report;
  report.start_date = report_date(of->from);
  report.end_date = report_date(of->to);
  report.last_refreshed_datetime = report_date(now_);
  report.page = page;
  report.total_items = std::ssize(all);
  report.total_pages = (report.total_items + size - 1) / size;
  for (auto i = (page - 1) * size; i < std::min(page * size, report.total_items); ++i) {
    report.transaction_details.push_back(std::move(all[static_cast<std::size_t>(i)]));
  }
  return response_with(report);
}

}  // namespace stoa::simulator
