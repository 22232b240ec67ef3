#include "actors/payment/reconciliation.hpp"

#include "actors/payment/payment_parts.hpp"
#include "storage/payment/payment_store.hpp"

#include <algorithm>

namespace stoa::payment {

namespace {

/// What the gateway must show for a payment of that status.
gateway_payment_status expected(payment_status s) {
  if (is_captured(s)) return gateway_payment_status::captured;
  if (s == payment_status::Authorized) return gateway_payment_status::authorized;
  return is_undecided(s) ? gateway_payment_status::open : gateway_payment_status::none;
}

gateway_refund_status expected(refund_status s) {
  if (s == refund_status::Succeeded) return gateway_refund_status::succeeded;
  return s == refund_status::Declined ? gateway_refund_status::failed
                                      : gateway_refund_status::pending;
}

bool holds_money(gateway_payment_status s) {
  return s == gateway_payment_status::captured || s == gateway_payment_status::authorized;
}

void add_money(std::vector<money>& sums, const money& amount) {
  for (auto& sum : sums) {
    if (sum.currency != amount.currency) continue;
    sum.amount += amount.amount;
    return;
  }
  sums.push_back(amount);
}

recorded_payment recorded(const payment_row& p) {
  return {p.payment_id, p.order_id,          p.transaction_id.value_or(""),
          p.status,     p.captured_amount(), p.effect != open_effect::None};
}

/// With the gateway's id of its separate capture, if that has one.
recorded_payment recorded(const payment_row& p, const std::optional<std::string>& capture) {
  auto made = recorded(p);
  if (capture && *capture != made.transaction_id) made.capture_id = capture;
  return made;
}

std::optional<std::string> capture_of(const std::vector<attempt_row>& attempts) {
  for (const auto& a : attempts) {
    const bool is_it = a.operation == open_effect::Capture && a.state == attempt_state::succeeded;
    if (is_it) return a.transaction_id;
  }
  return std::nullopt;
}

/// Another transaction than those that are recorded for the payment.
bool is_other(const recorded_payment& ours, const gateway_payment& theirs) {
  if (ours.transaction_id.empty() || theirs.transaction_id.empty()) return false;
  return theirs.transaction_id != ours.transaction_id && theirs.transaction_id != ours.capture_id;
}

/// A refund to gift cards and store credit alone is none for the gateway.
bool concerns_gateway(const refund_row& r) {
  return r.payment_amount().amount > 0;
}

recorded_refund recorded(const refund_row& r) {
  return {r.refund_id, r.payment_id, r.transaction_id.value_or(""), r.status, r.payment_amount()};
}

reconciled_side side(const recorded_payment& p) {
  return {std::string(enum_name(p.status)), p.amount};
}
reconciled_side side(const recorded_refund& r) {
  return {std::string(enum_name(r.status)), r.amount};
}
reconciled_side side(const gateway_payment& p) {
  return {std::string(enum_name(p.status)), p.amount};
}
reconciled_side side(const gateway_refund& r) {
  return {std::string(enum_name(r.status)), r.amount};
}

}  // namespace

reconciliation::reconciliation(std::string gateway, timestamp from, timestamp to)
    : gateway_(std::move(gateway)), from_(from), to_(to) {}

void reconciliation::add_theirs(std::vector<gateway_payment> payments) {
  for (auto& p : payments) their_payments_.push_back(std::move(p));
}

void reconciliation::add_theirs(std::vector<gateway_refund> refunds) {
  for (auto& r : refunds) their_refunds_.push_back(std::move(r));
}

void reconciliation::add(const recorded_payment& p, bool of_period) {
  payments_.try_emplace(p.payment_id.str(), own_payment{p, of_period});
  if (!p.transaction_id.empty()) by_transaction_.emplace(p.transaction_id, p.payment_id.str());
}

void reconciliation::add(const recorded_refund& r, bool of_period) {
  refunds_.try_emplace(r.refund_id.str(), own_refund{r, of_period});
  if (!r.transaction_id.empty()) refund_by_reference_.emplace(r.transaction_id, r.refund_id.str());
}

void reconciliation::add_ours(const std::vector<recorded_payment>& payments) {
  for (const auto& p : payments) add(p, true);
}

void reconciliation::add_ours(const std::vector<recorded_refund>& refunds) {
  for (const auto& r : refunds) add(r, true);
}

void reconciliation::add_others(const recorded_page& found) {
  for (const auto& p : found.payments) add(p, false);
  for (const auto& r : found.refunds) add(r, false);
}

const reconciliation::own_payment* reconciliation::find(const std::string& payment_id,
                                                        const std::string& transaction_id) const {
  auto at = payments_.find(payment_id);
  if (at == payments_.end()) {
    const auto of = by_transaction_.find(transaction_id);
    if (of != by_transaction_.end()) at = payments_.find(of->second);
  }
  return at == payments_.end() ? nullptr : &at->second;
}

const reconciliation::own_refund* reconciliation::find(const gateway_refund& r) const {
  std::string id;
  if (const auto at = refund_by_reference_.find(r.transaction_id);
      at != refund_by_reference_.end()) {
    id = at->second;
  } else if (const auto of_key = refund_of_key(r.key)) {
    id = of_key->str();
  }
  const auto at = refunds_.find(id);
  return at == refunds_.end() ? nullptr : &at->second;
}

std::vector<get_recorded> reconciliation::unknown() const {
  std::set<stoa::payment_id> ids;
  std::set<std::string> references;
  for (const auto& p : their_payments_) {
    const auto id = stoa::payment_id::parse(p.payment_id);
    if (id && !find(p.payment_id, "")) ids.insert(*id);
  }
  for (const auto& r : their_refunds_) {
    if (find(r)) continue;
    // Also of a known payment, whose refunds may have been created before the period.
    if (const auto id = stoa::payment_id::parse(r.payment_id)) {
      ids.insert(*id);
    } else if (!r.payment_transaction_id.empty()) {
      references.insert(r.payment_transaction_id);
    }
  }
  std::vector<get_recorded> all;
  std::size_t room = 0;
  const auto next = [&]() -> get_recorded& {
    if (room == 0) {
      all.push_back({gateway_, {}, {}});
      room = get_recorded::ids_max;
    }
    --room;
    return all.back();
  };
  for (const auto& id : ids) next().payment_ids.push_back(id);
  for (const auto& reference : references) next().transaction_ids.push_back(reference);
  return all;
}

/// Makes the report.
class reconciliation::comparison {
 public:
  explicit comparison(const reconciliation& both) : both_(both) {
    view_.gateway = both.gateway_;
    view_.from = both.from_;
    view_.to = both.to_;
  }

  reconciliation_view run() {
    for (const auto& p : both_.their_payments_) compare(p);
    for (const auto& r : both_.their_refunds_) compare(r);
    for (const auto& [id, p] : both_.payments_) own(id, p);
    for (const auto& [id, r] : both_.refunds_) own(id, r);
    return std::move(view_);
  }

 private:
  void add(difference_view d) {
    ++view_.difference_count;
    if (view_.differences.size() < reconciliation_view::differences_max) {
      view_.differences.push_back(std::move(d));
    }
  }

  void compare(const gateway_payment& theirs) {
    const bool of_period = both_.is_of_period(theirs.created_at);
    if (!stoa::payment_id::parse(theirs.payment_id)) {
      view_.not_of_this_store += of_period ? 1 : 0;
      return;
    }
    if (of_period && theirs.status == gateway_payment_status::captured) {
      ++view_.at_gateway.payments;
      add_money(view_.at_gateway.captured, theirs.amount);
    }
    const auto* ours = both_.find(theirs.payment_id, "");
    // A further object of the payment, for example of a request whose answer was lost, matters only
    // if it holds money.
    const bool is_further = ours && is_other(ours->record, theirs);
    if (!ours || is_further) {
      if (!of_period || !holds_money(theirs.status)) return;
      return add({difference_kind::missing_here,
                  reconciled_object::payment,
                  theirs.payment_id,
                  {},
                  theirs.transaction_id,
                  {},
                  side(theirs)});
    }
    seen_.insert(theirs.payment_id);
    if ((!of_period && !ours->of_period) || ours->record.in_progress) return;
    // The gateway lists the capture apart, maybe in a later period.
    const bool is_superseded =
        theirs.status == gateway_payment_status::authorized && ours->record.capture_id.has_value();
    if (is_superseded) return;
    const auto wanted = expected(ours->record.status);
    const bool same_status =
        wanted == theirs.status || (!holds_money(wanted) && !holds_money(theirs.status));
    if (!same_status) {
      add({difference_kind::status_differs,
           reconciled_object::payment,
           theirs.payment_id,
           {},
           theirs.transaction_id,
           side(ours->record),
           side(theirs)});
    } else if (holds_money(wanted) && ours->record.amount != theirs.amount) {
      add({difference_kind::amount_differs,
           reconciled_object::payment,
           theirs.payment_id,
           {},
           theirs.transaction_id,
           side(ours->record),
           side(theirs)});
    }
  }

  void compare(const gateway_refund& theirs) {
    const bool of_period = both_.is_of_period(theirs.created_at);
    const auto* payment = both_.find(theirs.payment_id, theirs.payment_transaction_id);
    if (!payment && !stoa::payment_id::parse(theirs.payment_id)) {
      view_.not_of_this_store += of_period ? 1 : 0;
      return;
    }
    if (of_period && theirs.status == gateway_refund_status::succeeded) {
      ++view_.at_gateway.refunds;
      add_money(view_.at_gateway.refunded, theirs.amount);
    }
    const auto payment_id = payment ? payment->record.payment_id.str() : theirs.payment_id;
    const auto* ours = both_.find(theirs);
    // A declined refund that was retried has the reference of the retry.
    const bool is_further = ours && !ours->record.transaction_id.empty() &&
                            ours->record.transaction_id != theirs.transaction_id;
    if (!ours || is_further) {
      if (!of_period || theirs.status == gateway_refund_status::failed) return;
      // It may be the one that is in progress, if the gateway does not state the key.
      if (theirs.key.empty() && payment && payment->record.in_progress) return;
      return add({difference_kind::missing_here,
                  reconciled_object::refund,
                  payment_id,
                  {},
                  theirs.transaction_id,
                  {},
                  side(theirs)});
    }
    const auto& r = ours->record;
    seen_refunds_.insert(r.refund_id.str());
    if (!of_period && !ours->of_period) return;
    if (payment && payment->record.in_progress) return;
    const bool is_undecided = r.status == refund_status::Pending && r.transaction_id.empty();
    if (is_undecided) return;
    if (expected(r.status) != theirs.status) {
      add({difference_kind::status_differs, reconciled_object::refund, payment_id, r.refund_id,
           theirs.transaction_id, side(r), side(theirs)});
    } else if (theirs.status != gateway_refund_status::failed && r.amount != theirs.amount) {
      add({difference_kind::amount_differs, reconciled_object::refund, payment_id, r.refund_id,
           theirs.transaction_id, side(r), side(theirs)});
    }
  }

  void own(const std::string& id, const own_payment& p) {
    if (!p.of_period) return;
    if (p.record.in_progress) ++view_.in_progress;
    if (p.record.amount.amount == 0) return;
    if (is_captured(p.record.status)) {
      ++view_.here.payments;
      add_money(view_.here.captured, p.record.amount);
    }
    if (seen_.contains(id) || p.record.in_progress || !holds_money(expected(p.record.status))) {
      return;
    }
    add({difference_kind::missing_at_gateway,
         reconciled_object::payment,
         id,
         {},
         p.record.transaction_id,
         side(p.record),
         {}});
  }

  void own(const std::string& id, const own_refund& r) {
    if (!r.of_period || r.record.status != refund_status::Succeeded) return;
    ++view_.here.refunds;
    add_money(view_.here.refunded, r.record.amount);
    if (seen_refunds_.contains(id)) return;
    add({difference_kind::missing_at_gateway,
         reconciled_object::refund,
         r.record.payment_id.str(),
         r.record.refund_id,
         r.record.transaction_id,
         side(r.record),
         {}});
  }

  const reconciliation& both_;
  reconciliation_view view_;
  std::set<std::string> seen_;
  std::set<std::string> seen_refunds_;
};

reconciliation_view reconciliation::report() const {
  return comparison(*this).run();
}

// --- queries -------------------------------------------------------------------------------------

result<recorded_payments> payment_service::read(const list_recorded_payments& q,
                                                const kernel::call_context& context,
                                                db::connection& c) const {
  if (!may_see_all(context)) return not_found("list of payments");
  recorded_payments page;
  auto found =
      payments_of_period(c, q.gateway, q.from, q.to, q.after, list_recorded_payments::page_rows);
  const bool has_captures = std::ranges::any_of(
      found, [](const auto& p) { return p.capture != capture_method::automatic; });
  std::map<stoa::payment_id, std::string> captures;
  if (has_captures) {
    captures = captures_between(c, found.front().payment_id, found.back().payment_id);
  }
  for (const auto& p : found) {
    const auto capture = captures.find(p.payment_id);
    page.data.push_back(capture == captures.end() ? recorded(p) : recorded(p, capture->second));
  }
  if (found.size() == list_recorded_payments::page_rows) page.next = found.back().payment_id;
  return page;
}

result<recorded_refunds> payment_service::read(const list_recorded_refunds& q,
                                               const kernel::call_context& context,
                                               db::connection& c) const {
  if (!may_see_all(context)) return not_found("list of refunds");
  recorded_refunds list;
  const auto found =
      refunds_of_period(c, q.gateway, q.from, q.to, list_recorded_refunds::rows_max + 1);
  for (const auto& r : found) {
    if (concerns_gateway(r)) list.data.push_back(recorded(r));
  }
  list.is_complete = found.size() <= list_recorded_refunds::rows_max;
  return list;
}

result<recorded_page> payment_service::read(const get_recorded& q,
                                            const kernel::call_context& context,
                                            db::connection& c) const {
  if (!may_see_all(context)) return not_found("payment");
  if (q.payment_ids.size() + q.transaction_ids.size() > get_recorded::ids_max) {
    return invalid_field("/payment_ids", "too_many", "Too many payments at once.");
  }
  recorded_page page;
  const auto add = [&](const std::optional<payment_row>& p) {
    if (!p || p->gateway != q.gateway) return;
    page.payments.push_back(recorded(*p, capture_of(read_attempts(c, p->payment_id))));
    for (const auto& r : read_refunds(c, p->payment_id)) {
      if (concerns_gateway(r)) page.refunds.push_back(recorded(r));
    }
  };
  for (const auto& id : q.payment_ids) add(read_payment(c, id));
  for (const auto& id : q.transaction_ids) add(payment_of_transaction(c, q.gateway, id));
  return page;
}

}  // namespace stoa::payment
