#include "net/cli/check_books.hpp"

#include <algorithm>
#include <array>
#include <functional>

namespace stoa::cli {

namespace {

/// In order of progress; Cancelled is final.
constexpr std::array<std::string_view, 5> statuses{"Pending", "Confirmed", "Shipped", "Delivered",
                                                   "Cancelled"};

std::ptrdiff_t rank(std::string_view status) {
  return std::ranges::find(statuses, status) - statuses.begin();
}

std::string ages(std::int64_t from, std::int64_t now) {
  return "since " + timestamp{from}.str() + " (" + std::to_string((now - from) / 1'000'000) + " s)";
}

std::string amount_text(std::int64_t amount, const std::string& currency) {
  return std::to_string(amount) + (currency.empty() ? "" : " " + currency);
}

std::string payment_text(const std::optional<payment_entry>& p) {
  if (!p) return "no payment";
  std::string text = "payment " + p->payment_id.str() + " is " + p->status;
  if (p->effect != "None") text += ", " + p->effect + " is open at the gateway";
  return text;
}

bool is_undecided(const payment_entry& p) {
  return p.status == "Pending" || p.status == "RequiresAction";
}

/// Captured and not refunded in full.
bool is_kept(const payment_entry& p) {
  return p.status == "Completed" || p.status == "PartiallyRefunded";
}

/// A valid state of a confirmed order's payment, which staff may have refunded.
bool is_paid(const payment_entry& p) {
  return is_kept(p) || p.status == "Authorized" ||
         (p.status == "Refunded" && p.refunded == p.amount);
}

/// The rules over one order.
class order_judge {
 public:
  order_judge(const order_books& books, const check_times& times, finding_list& out)
      : b_(books), times_(times), out_(out), order_id_(books.order_id.str()) {}

  void run() {
    if (!b_.order) return without_order();
    own_books();
    payment_time();
    payment_state();
    // Work in progress is not inconsistent yet; an event that waits too long is a separate finding.
    if (b_.in_flight) return;
    const auto& status = b_.order->status;
    if (status == "Pending") {
      pending();
    } else if (status == "Cancelled") {
      cancelled();
    } else {
      bought();
    }
    for (const auto& kind : due_mails(b_)) {
      if (!b_.mails.contains(kind)) add("mail_missing", "notification", order_id_, kind);
    }
  }

 private:
  void add(const char* code, const char* service, std::string id, std::string detail = {}) {
    out_.add({code, service, std::move(id), order_id_, std::move(detail)});
  }

  void without_order() {
    if (b_.payment && !b_.payment->order_cancelled) {
      const auto& p = *b_.payment;
      if (is_kept(p) && p.amount > 0) {
        add("charge_without_order", "payment", p.payment_id.str(),
            "amount " + std::to_string(p.amount) + ", charged " + timestamp{p.created_at}.str());
      } else if (is_undecided(p) || p.status == "Authorized") {
        add("payment_without_order", "payment", p.payment_id.str(), p.effect + " is open");
      }
    }
    redemptions_become("Released", "redemption_without_order");
    for (const auto& r : b_.reservations) {
      const auto units = std::to_string(r.quantity) + " of product " + r.product_id.str();
      const auto product = r.product_id.str();
      if (r.status == "Active") {
        out_.add({"reservation_without_order", "catalog", order_id_, order_id_, units, product});
      } else if (r.status == "Sold") {
        out_.add({"sale_without_order", "catalog", order_id_, order_id_, units, product});
      }
    }
  }

  void redemptions_become(std::string_view wanted, const char* code) {
    for (const auto& r : b_.redemptions) {
      if (r.status == wanted) continue;
      add(code, "pricing", order_id_,
          r.status + (r.amount ? ", credit account " : ", promotion ") + r.id.str());
    }
  }

  void own_books() {
    const auto& o = *b_.order;
    if (o.total != o.subtotal + o.parts_total || o.subtotal != o.items_total ||
        o.lines_total != o.items_total) {
      add("order_wrong_total", "order", order_id_,
          "total " + amount_text(o.total, o.currency) + ", subtotal " + std::to_string(o.subtotal) +
              ", adjustments, shipping and taxes " + std::to_string(o.parts_total) + ", items " +
              std::to_string(o.items_total) + ", line totals " + std::to_string(o.lines_total));
    }
    auto history = o.history;
    // A requested or declined shipment is noted in the history of a Confirmed order. The
    // confirmation itself has no reason.
    std::erase_if(history, [](const auto& h) { return h.status == "Confirmed" && h.has_reason; });
    std::ranges::stable_sort(history, [](const auto& x, const auto& y) {
      if (x.seq != y.seq) return x.seq < y.seq;
      return rank(x.status) < rank(y.status);
    });
    const bool rises = std::ranges::is_sorted(history, std::ranges::less_equal{},
                                              [](const auto& h) { return rank(h.status); });
    const std::string last = history.empty() ? "none" : history.back().status;
    if (last == o.status && rises) return;
    std::string all;
    for (const auto& h : history) all += (all.empty() ? "" : ", ") + h.status;
    add("order_history_wrong", "order", order_id_, "status " + o.status + ", history: " + all);
  }

  void payment_time() {
    if (!b_.payment || b_.payment->effect == "None") return;
    const auto& p = *b_.payment;
    const bool given_up = p.effect == "Authorize" &&
                          times_.payments_now - p.created_at > times_.give_up + times_.margin;
    const bool too_late =
        p.next_attempt_at > times_.payments_now + times_.attempt_max + times_.margin;
    const bool forgotten = p.next_attempt_at + times_.margin < times_.payments_now;
    if (!given_up && !too_late && !forgotten) return;
    add("payment_overdue", "payment", p.payment_id.str(),
        p.effect + " is open " + ages(p.created_at, times_.payments_now) +
            ", the next call is due at " + timestamp{p.next_attempt_at}.str());
  }

  /// States that no transition of a payment produces.
  void payment_state() {
    if (!b_.payment) return;
    const auto& p = *b_.payment;
    const auto& status = b_.order->status;
    const bool stopped = is_undecided(p) && p.effect == "None" && !p.is_offline();
    const bool bought = status != "Pending" && status != "Cancelled";
    const bool voided = p.effect != "None" && p.effect != "Refund" && p.effect != "Capture";
    const bool called_off = bought && is_paid(p) && (p.order_cancelled || voided);
    const bool torn = p.attempts_open != (p.effect == "None" ? 0 : 1);
    const bool forgotten = p.refunds_queued > 0 && p.effect == "None" && !p.is_offline();
    if (!stopped && !called_off && !torn && !forgotten) return;
    add("payment_wrong_state", "payment", p.payment_id.str(),
        payment_text(p) + ", " +
            (p.order_cancelled ? "its order cancelled" : "its order " + status));
  }

  void pending() {
    goods_of_others();
    const auto& p = b_.payment;
    if (p && !is_undecided(*p)) {
      return add("order_not_settled", "order", order_id_, payment_text(p));
    }
    const auto ends_at = b_.order->payment_until > 0 ? b_.order->payment_until
                                                     : b_.order->created_at + times_.pending_max;
    if (times_.orders_now > ends_at + times_.margin) {
      return add("order_overdue", "order", order_id_,
                 ages(b_.order->created_at, times_.orders_now) + ", " + payment_text(p));
    }
    const bool sold =
        std::ranges::any_of(b_.reservations, [](const auto& r) { return r.status == "Sold"; });
    if (sold) add("sold_too_early", "catalog", order_id_, payment_text(p));
  }

  void bought() {
    const auto& o = *b_.order;
    const auto& p = b_.payment;
    if (!p) {
      add("order_without_payment", "order", order_id_, "total " + std::to_string(o.total));
    } else if (!is_paid(*p) && !p->is_offline()) {
      add("payment_not_completed", "payment", p->payment_id.str(), payment_text(p));
    } else if (p->amount != o.total - o.credit_total || p->currency != o.currency) {
      add("payment_wrong_amount", "payment", p->payment_id.str(),
          "amount " + amount_text(p->amount, p->currency) + ", total " +
              amount_text(o.total, o.currency) + ", of that credit " +
              std::to_string(o.credit_total));
    } else if (p->failure_code.starts_with("refund_")) {
      add("refund_declined", "payment", p->payment_id.str(), p->failure_code);
    }
    if (p) shipment(*p);
    if (b_.lines_left > 0) {
      add("cart_has_bought_lines", "cart", order_id_, std::to_string(b_.lines_left) + " lines");
    }
    goods_of_others();
    redemptions_become("Redeemed", "redemption_not_redeemed");
    std::size_t promotions = 0;
    std::int64_t credit = 0;
    for (const auto& r : b_.redemptions) {
      promotions += r.amount ? 0 : 1;
      credit += r.amount.value_or(0);
    }
    if (promotions < o.redemptions || credit != o.credit_total) {
      add("redemption_missing", "pricing", order_id_,
          std::to_string(promotions) + " of " + std::to_string(o.redemptions) + " promotions, " +
              std::to_string(credit) + " of " + std::to_string(o.credit_total) + " credit");
    }
    for (const auto& [product, units] : o.units) {
      const auto r = std::ranges::find(b_.reservations, product, &reservation_entry::product_id);
      const auto what = std::to_string(units) + " of product " + product.str();
      if (r == b_.reservations.end()) {
        add("reservation_missing", "catalog", order_id_, what + ", none reserved");
      } else if (r->status == "Active") {
        add("reservation_not_sold", "catalog", order_id_, what);
      } else if (r->status != "Sold" || r->quantity != units) {
        add("reservation_missing", "catalog", order_id_,
            what + ", " + r->status + " " + std::to_string(r->quantity));
      }
    }
  }

  /// An order whose payment is captured at shipment waits for the capture.
  void shipment(const payment_entry& p) {
    const auto& o = *b_.order;
    if (o.status != "Confirmed" && p.status == "Authorized" && p.effect == "None") {
      add("shipped_not_captured", "payment", p.payment_id.str(),
          "the order is " + o.status + ", amount " + amount_text(p.amount, p.currency));
    }
    if (o.shipment_requested && p.effect == "None") {
      add("shipment_not_settled", "order", order_id_, payment_text(p));
    }
  }

  /// Reservations for products that the order does not contain.
  void goods_of_others() {
    for (const auto& r : b_.reservations) {
      if (r.status == "Released" || b_.order->units.contains(r.product_id)) continue;
      add("reservation_not_of_order", "catalog", order_id_,
          r.status + " " + std::to_string(r.quantity) + " of product " + r.product_id.str());
    }
  }

  void cancelled() {
    if (const auto& p = b_.payment; p && p->amount > 0) {
      if (is_kept(*p) && p->failure_code.starts_with("refund_")) {
        add("refund_declined", "payment", p->payment_id.str(), p->failure_code);
      } else if (is_kept(*p) && p->effect != "Refund" &&
                 !(p->is_offline() && p->refunds_open > 0)) {
        add("payment_not_refunded", "payment", p->payment_id.str(),
            "amount " + std::to_string(p->amount));
      } else if ((is_undecided(*p) && !p->order_cancelled) ||
                 (p->status == "Authorized" && p->effect == "None")) {
        add("payment_not_cancelled", "payment", p->payment_id.str(), payment_text(p));
      }
    }
    redemptions_become("Released", "redemption_not_released");
    for (const auto& r : b_.reservations) {
      if (r.status == "Released") continue;
      add("reservation_not_released", "catalog", order_id_,
          r.status + " " + std::to_string(r.quantity) + " of product " + r.product_id.str());
    }
  }

  const order_books& b_;
  const check_times& times_;
  finding_list& out_;
  std::string order_id_;
};

/// Whether the postings record what the payment, its refunds and its disputes state.
bool is_ledger_of(const payment_entry& p) {
  const auto& l = p.ledger;
  const bool made = is_kept(p) || p.status == "Refunded";
  const auto captured = made ? p.captured : 0;
  return l.captured == captured && l.refunded == p.refunded && l.disputed == p.disputed &&
         l.chargebacks == p.chargebacks &&
         l.receivable == captured - p.refunded - p.disputed - p.chargebacks && !l.other_currency;
}

std::string ledger_text(const payment_entry& p) {
  const auto& l = p.ledger;
  return "payment " + amount_text(p.amount, p.currency) + " is " + p.status + ", refunded " +
         std::to_string(p.refunded) + ", disputed " + std::to_string(p.disputed) +
         ", charged back " + std::to_string(p.chargebacks) + "; ledger: captured " +
         std::to_string(l.captured) + ", refunded " + std::to_string(l.refunded) + ", disputed " +
         std::to_string(l.disputed) + ", charged back " + std::to_string(l.chargebacks) +
         ", receivable " + std::to_string(l.receivable) +
         (l.other_currency ? ", in another currency" : "");
}

/// Compares the payment with the gateway's charges: their sums.
void judge_charges(const payment_entry& p, std::int64_t paid, std::int64_t refunded,
                   bool other_currency, const std::function<void(const char*, std::string)>& add) {
  const auto amounts = "payment " + amount_text(p.amount, p.currency) + ", charged " +
                       std::to_string(paid) + (other_currency ? " in another currency" : "") +
                       ", refunded " + std::to_string(refunded);
  const bool made = is_kept(p) || p.status == "Refunded";
  if (made && paid == 0) return add("charge_missing", amounts);
  if (made && (paid != p.amount || other_currency)) return add("charge_wrong_amount", amounts);
  const bool none = p.status == "Failed" || p.status == "Voided";
  if (none && paid > refunded) return add("charge_not_recorded", amounts);
  const bool owes = p.status == "Refunded" && refunded != p.amount;
  if (made && (owes || refunded < p.refunded)) return add("refund_missing", amounts);
  const bool hides = refunded > p.refunded || (p.status == "Completed" && refunded > 0);
  if (made && p.effect != "Refund" && hides) add("refund_not_recorded", amounts);
}

}  // namespace

std::set<std::string> due_mails(const order_books& books) {
  std::set<std::string> due;
  if (!books.order) return due;
  for (const auto& h : books.order->history) {
    if (h.status == "Pending") continue;
    std::string kind = h.status;
    kind[0] = static_cast<char>(kind[0] - 'A' + 'a');
    due.insert(std::move(kind));
  }
  const auto& p = books.payment;
  if (p && p->status == "Refunded" && p->amount > 0) due.insert("refunded");
  return due;
}

void judge(const order_books& books, const check_times& times, finding_list& out) {
  order_judge(books, times, out).run();
}

void judge(const payment_books& books, finding_list& out) {
  const auto add = [&](const char* code, const std::string& order, std::string detail) {
    out.add({code, "payment", books.payment_id, order, std::move(detail)});
  };
  std::int64_t paid = 0;
  std::int64_t refunded = 0;
  bool other_currency = false;
  for (const auto& c : books.charges) {
    if (c.status != "paid") continue;
    other_currency = other_currency || (books.payment && c.currency != books.payment->currency);
    paid += c.amount;
    refunded += c.refunded;
    if (!books.payment && c.refunded < c.amount) {
      add("charge_without_payment", c.order_id,
          "amount " + std::to_string(c.amount) + ", refunded " + std::to_string(c.refunded));
    }
  }
  if (!books.payment) return;
  const auto& p = *books.payment;
  const auto order = p.order_id.str();
  if (p.ledger.unbalanced > 0) {
    add("ledger_entry_unbalanced", order, std::to_string(p.ledger.unbalanced) + " entries");
  }
  if (!is_ledger_of(p)) add("ledger_not_of_payment", order, ledger_text(p));
  if (p.amount == 0) return;
  if (p.refunded != p.refunds || p.refunds + p.refunds_open > p.amount) {
    add("refunds_wrong_sum", order,
        "payment " + amount_text(p.amount, p.currency) + ", refunded " +
            std::to_string(p.refunded) + ", refunds that succeeded " + std::to_string(p.refunds) +
            ", open " + std::to_string(p.refunds_open));
  }
  // Only the sandbox's records can be read.
  if (!books.has_charges || p.gateway != "sandbox") return;
  judge_charges(p, paid, refunded, other_currency,
                [&](const char* code, std::string detail) { add(code, order, std::move(detail)); });
}

}  // namespace stoa::cli
