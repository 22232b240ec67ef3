// Stripe's own records: the refunds and disputes of a payment, and lists of a period.

#include "net/gateway/stripe.hpp"
#include "net/http/percent.hpp"

#include <algorithm>

namespace stoa::gateways {

namespace {

using payment::dispute_status;
using payment::gateway_activity;
using payment::gateway_payment;
using payment::gateway_payment_status;
using payment::gateway_refund;
using payment::gateway_refund_status;
using payment::list_page;
using stripe_api::read;
using stripe_api::reply_kind;

constexpr std::int64_t us_per_s = 1'000'000;
const std::string page_limit = "limit=100";

timestamp time_of(const std::optional<std::int64_t>& unix_s) {
  return {unix_s.value_or(0) * us_per_s};
}

std::string upper(std::string text) {
  std::ranges::transform(text, text.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  return text;
}

std::string member(const std::optional<stripe_api::metadata_map>& all, const std::string& name) {
  if (!all) return {};
  const auto found = all->find(name);
  return found == all->end() ? std::string() : found->second;
}

gateway_refund refund_record(const stripe_api::refund& r) {
  gateway_refund made;
  made.transaction_id = r.id;
  made.key = member(r.metadata, stripe_api::request_key);
  made.payment_id = member(r.metadata, "payment_id");
  made.payment_transaction_id = r.payment_intent.value_or("");
  made.amount = {r.amount.value_or(0), upper(r.currency.value_or(""))};
  made.code = r.failure_reason.value_or("");
  made.created_at = time_of(r.created);
  const auto status = r.status.value_or("");
  if (status == "succeeded") made.status = gateway_refund_status::succeeded;
  if (status == "failed" || status == "canceled") made.status = gateway_refund_status::failed;
  return made;
}

dispute_status status_of(std::string_view status) {
  if (status == "won") return dispute_status::Won;
  if (status == "lost") return dispute_status::Lost;
  return status == "warning_closed" ? dispute_status::Closed : dispute_status::Open;
}

/// The balance transactions are in the currency of the account: only their sign is used.
payment::gateway_dispute dispute_record(const stripe_api::dispute& d) {
  payment::gateway_dispute made;
  made.reference = d.id;
  made.amount = {d.amount, upper(d.currency)};
  made.reason = d.reason.value_or("");
  made.status = status_of(d.status);
  std::int64_t sum = 0;
  for (const auto& t :
       d.balance_transactions.value_or(std::vector<stripe_api::balance_transaction>{})) {
    sum += t.amount;
  }
  made.funds_withdrawn = sum < 0;
  const auto due = d.evidence_details.value_or(stripe_api::evidence_details{}).due_by;
  if (due) made.respond_by = time_of(due);
  made.opened_at = time_of(d.created);
  return made;
}

gateway_payment payment_record(const stripe_api::payment_intent& i) {
  gateway_payment made;
  made.transaction_id = i.id;
  made.payment_id = member(i.metadata, "payment_id");
  made.amount = {i.amount.value_or(0), upper(i.currency.value_or(""))};
  made.created_at = time_of(i.created);
  if (i.status == "succeeded") {
    made.status = gateway_payment_status::captured;
    made.amount.amount = i.amount_received.value_or(made.amount.amount);
  } else if (i.status == "requires_capture") {
    made.status = gateway_payment_status::authorized;
  } else if (i.status == "canceled") {
    made.status = gateway_payment_status::none;
  }
  return made;
}

/// Why the request was not answered.
std::string code_of(const stripe_api::reply& r) {
  if (r.status == 0) return "timeout";
  return r.kind == reply_kind::rejected ? "rejected" : "unavailable";
}

/// The page's records, and where the next page begins.
template <class Object, class Record>
bool take(const stripe_api::reply& r, Record (*record_of)(const Object&), std::vector<Record>& to,
          std::string& next) {
  const auto list = read<stripe_api::object_list<Object>>(r);
  if (!list) return false;
  for (const auto& object : list->data) to.push_back(record_of(object));
  if (list->has_more.value_or(false) && !list->data.empty()) next = list->data.back().id;
  return true;
}

}  // namespace

void stripe::read_activity(payment::authorization_reference authorization, activity_callback done) {
  const auto id = authorization.transaction_id;
  if (id.empty()) return done({false, "charge_not_found", {}, {}});
  send("GET", "/v1/refunds?" + page_limit + "&payment_intent=" + stripe_api::encode(id), {}, "",
       [this, id, report = open_.counted(std::move(done))](const reply& listed) {
         gateway_activity found;
         std::string next;
         if (!take(listed, &refund_record, found.refunds, next)) {
           return report({false, code_of(listed), {}, {}});
         }
         read_disputes(id, std::move(found), report);
       });
}

void stripe::read_disputes(const std::string& id, gateway_activity found,
                           const activity_callback& done) {
  send("GET", "/v1/disputes?" + page_limit + "&payment_intent=" + stripe_api::encode(id), {}, "",
       [found = std::move(found), done](const reply& listed) mutable {
         std::string next;
         if (!take(listed, &dispute_record, found.disputes, next)) {
           return done({false, code_of(listed), {}, {}});
         }
         found.known = true;
         done(std::move(found));
       });
}

/// Stripe stores times in seconds: the bounds are those of the seconds.
void stripe::list(payment::list_request request, list_callback done) {
  const bool of_payments = request.what == payment::gateway_list::payments;
  auto path = std::string(of_payments ? "/v1/payment_intents" : "/v1/refunds") + "?" + page_limit +
              "&created%5Bgte%5D=" + std::to_string(request.from.us / us_per_s) +
              "&created%5Blt%5D=" + std::to_string((request.to.us + us_per_s - 1) / us_per_s);
  if (!request.cursor.empty()) path += "&starting_after=" + stripe_api::encode(request.cursor);
  send("GET", path, {}, "",
       [of_payments, report = open_.counted(std::move(done))](const reply& listed) {
         list_page page;
         page.known = of_payments ? take(listed, &payment_record, page.payments, page.next)
                                  : take(listed, &refund_record, page.refunds, page.next);
         if (!page.known) page.code = code_of(listed);
         report(std::move(page));
       });
}

}  // namespace stoa::gateways
