// Lists and disputes, and what happens without a request of the store: refunds and disputes that
// are made manually, and refunds that are decided later.

#include "net/gateway_simulator/simulated_parts.hpp"

#include <algorithm>

namespace stoa::simulator {

namespace {

constexpr std::int64_t list_max = 100;
constexpr std::int64_t list_default = 10;
constexpr std::int64_t response_time_s = 7LL * 24 * 3600;

list_range range_of(const api_request& r) {
  list_range range;
  const auto limit = number(field(r, "limit")).value_or(list_default);
  range.limit = std::clamp<std::int64_t>(limit, 1, list_max) + 1;  // one more: has_more
  range.after = field(r, "starting_after");
  range.intent = field(r, "payment_intent");
  if (const auto from = number(field(r, "created[gte]"))) range.from = *from;
  if (const auto to = number(field(r, "created[lt]"))) range.to = *to;
  return range;
}

list_object list_of(std::vector<std::string> objects, const list_range& range,
                    std::string_view path) {
  list_object list;
  list.url = path;
  list.has_more = std::ssize(objects) == range.limit;
  if (list.has_more) objects.pop_back();
  for (auto& o : objects) list.data.push_back({std::move(o)});
  return list;
}

template <class T>
std::vector<std::string> texts_of(const std::vector<T>& objects) {
  std::vector<std::string> all;
  all.reserve(objects.size());
  for (const auto& o : objects) all.push_back(json_of(o));
  return all;
}

}  // namespace

api_response simulated_api::list(const api_request& r) {
  const auto range = range_of(r);
  if (r.path == refunds_path) {
    return shown(list_of(texts_of(books_.refunds(range)), range, refunds_path));
  }
  if (r.path == disputes_path) {
    return shown(list_of(texts_of(books_.disputes(range)), range, disputes_path));
  }
  std::vector<std::string> intents;
  for (const auto& i : books_.intents(range)) intents.push_back(json_of(i.shown));
  return shown(list_of(std::move(intents), range, intents_path));
}

api_response simulated_api::find(const api_request& r) {
  if (const auto id = id_in(r.path, refunds_path); !id.empty()) {
    const auto found = books_.find_refund(id);
    return found ? shown(*found) : missing("refund", "id");
  }
  if (const auto id = id_in(r.path, disputes_path); !id.empty()) {
    const auto found = books_.find_dispute(id);
    return found ? shown(*found) : missing("dispute", "id");
  }
  if (const auto id = id_in(r.path, intents_path); !id.empty()) {
    const auto found = books_.find_intent(id);
    return found ? shown_intent(*found, r) : missing("payment_intent", "intent");
  }
  if (const auto id = id_in(r.path, customers_path); !id.empty()) return find_customer(r, id);
  if (const auto id = id_in(r.path, methods_path); !id.empty()) {
    const auto found = books_.find_method(id);
    return found ? shown(found->shown) : missing("PaymentMethod: '" + id + "'", "payment_method");
  }
  return missing("endpoint", "url");
}

/// POST /simulator/refunds, /simulator/refunds/{id}/fail, /simulator/disputes and
/// /simulator/disputes/{id}/close: what people do in Stripe's dashboard, and banks do.
api_response simulated_api::manual(const api_request& r) {
  const auto rest = std::string_view(r.path).substr(manual_path.size());
  const auto first = rest.substr(0, rest.find('/'));
  const auto last = rest.substr(std::min(rest.rfind('/'), rest.size() - 1) + 1);
  if (first != rest) {
    const auto id =
        std::string(rest.substr(first.size() + 1, rest.size() - first.size() - last.size() - 2));
    if (first == "disputes" && last == "close") return close_dispute(id, field(r, "outcome"));
    auto refund = first == "refunds" && last == "fail" ? books_.find_refund(id) : std::nullopt;
    if (!refund) return missing("endpoint or refund", "url");
    settle_refund(*refund, "failed");
    return shown(*refund);
  }
  auto i = books_.find_intent(field(r, "payment_intent"));
  if (!i || i->shown.status != "succeeded") return missing("payment_intent", "payment_intent");
  const auto left = i->shown.amount_received - (first == "refunds" ? i->refunded : 0);
  const auto amount = number(field(r, "amount")).value_or(left);
  if (amount < 1 || amount > left) return invalid("Invalid amount.", "", "amount");
  if (first == "refunds") return shown(make_refund(*i, amount, {}));
  if (first != "disputes") return missing("endpoint", "url");
  const auto reason = field(r, "reason");
  return shown(make_dispute(*i, amount, reason.empty() ? "fraudulent" : reason));
}

dispute_object simulated_api::make_dispute(const intent_record& i, std::int64_t amount,
                                           std::string reason) {
  dispute_object made;
  made.id = new_id("dp_");
  made.amount = amount;
  made.charge = i.shown.latest_charge;
  made.created = now_.us / us_per_s;
  made.currency = i.shown.currency;
  made.evidence_details.due_by = made.created + response_time_s;
  made.payment_intent = i.shown.id;
  made.reason = std::move(reason);
  books_.save(made);
  emit("charge.dispute.created", json_of(made));
  made.balance_transactions.push_back(
      {new_id("txn_"), "balance_transaction", -amount, made.currency});
  books_.save(made);
  emit("charge.dispute.funds_withdrawn", json_of(made));
  return made;
}

api_response simulated_api::close_dispute(const std::string& id, const std::string& outcome) {
  auto dispute = books_.find_dispute(id);
  if (!dispute) return missing("dispute", "id");
  if (outcome != "won" && outcome != "lost") return invalid("Invalid outcome.", "", "outcome");
  if (dispute->status == "won" || dispute->status == "lost") {
    return invalid("The dispute is closed.");
  }
  dispute->status = outcome;
  if (outcome == "won") {
    dispute->balance_transactions.push_back(
        {new_id("txn_"), "balance_transaction", dispute->amount, dispute->currency});
  }
  books_.save(*dispute);
  emit("charge.dispute.closed", json_of(*dispute));
  if (outcome == "won") emit("charge.dispute.funds_reinstated", json_of(*dispute));
  return shown(*dispute);
}

void simulated_api::settle_refund(refund_object& r, const std::string& status) {
  if (r.status == status || r.status == "failed") return;
  r.status = status;
  if (status == "failed") {
    r.failure_reason = "expired_or_canceled_card";
    if (auto i = books_.find_intent(r.payment_intent)) {
      i->refunded -= r.amount;
      books_.save(*i);
    }
  }
  books_.save(r);
  emit(status == "failed" ? "refund.failed" : "refund.updated", json_of(r));
}

void simulated_api::emit_charge(const intent_record& i) {
  charge_object charge;
  charge.id = i.shown.latest_charge.value.value_or("");
  charge.amount = i.shown.amount_received;
  charge.amount_refunded = i.refunded;
  charge.currency = i.shown.currency;
  charge.metadata = i.shown.metadata;
  charge.payment_intent = i.shown.id;
  charge.refunded = i.refunded == i.shown.amount_received;
  emit("charge.refunded", json_of(charge));
}

void simulated_api::advance(timestamp now) {
  now_ = now;
  for (const auto& change : books_.take_changes(now)) {
    if (change.kind == dispute_change) {
      const auto i = books_.find_intent(change.id);
      if (i) make_dispute(*i, i->shown.amount_received, "fraudulent");
      continue;
    }
    auto refund = books_.find_refund(change.id);
    if (refund) settle_refund(*refund, change.kind == failure_change ? "failed" : "succeeded");
  }
}

}  // namespace stoa::simulator
