#include "net/cli/check_findings.hpp"

#include "storage/base/utf8.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

namespace stoa::cli {

namespace {

using enum severity;
using enum repair_action;

constexpr const char* redrive_it = "Run `stoa order redrive ID`, or `stoa check --repair`.";
constexpr const char* by_hand = "Compare with the backups and correct it manually.";

constexpr std::array kinds{
    finding_kind{
        "cart_has_bought_lines", warning, none, "Lines that were bought are still in a cart.",
        "The lines cannot be bought again; the customer removes them, or the cart expires."},
    finding_kind{"charge_missing", error, none,
                 "A payment is recorded as made, but the gateway's records have no such charge.",
                 "Compare with the gateway. After a restore, its records may be older."},
    finding_kind{"charge_not_recorded", error, none,
                 "The gateway holds money for a payment that is recorded as failed.",
                 "Refund it at the gateway."},
    finding_kind{"charge_without_order", error, refund,
                 "A charge exists for an order that is not stored.",
                 "Refund it: `stoa check --repair --refunds`, or POST "
                 "/admin/v1/payments/{payment_id}/refund."},
    finding_kind{"charge_without_payment", error, none,
                 "The gateway holds money for a payment that is not stored.",
                 "Refund it at the gateway; the payment service has no record of the charge."},
    finding_kind{"charge_wrong_amount", error, none,
                 "The gateway has charged an amount other than the payment's.", by_hand},
    finding_kind{"credit_not_of_entries", error, none,
                 "The balance of a gift card or of store credit is not the sum of its entries.",
                 by_hand},
    finding_kind{"credit_not_of_orders", error, none,
                 "The entries of a gift card or of store credit are not what an order has redeemed "
                 "and got back.",
                 by_hand},
    finding_kind{"dead_letter", error, none, "A service could not apply an event.",
                 "Fix the cause, then `stoa dead-letters replay`."},
    finding_kind{"earlier_handle_wrong", error, none,
                 "An earlier handle of a category or collection leads nowhere or is in use, or a "
                 "resource has too many.",
                 "Set the handle of the resource again, or delete the resource."},
    finding_kind{"event_unknown_to_producer", error, none,
                 "A service has applied events that the producer's database does not have: the "
                 "producer has lost its last commits.",
                 "See the findings about orders, payments and reservations, which list what is "
                 "missing. Inbox entries are deleted after some time."},
    finding_kind{"export_wrong", error, none,
                 "An export does not have the parts or the bytes of its file, or its state is "
                 "inconsistent.",
                 "Start another export; the files are deleted after a day."},
    finding_kind{"ledger_balance_wrong", error, none,
                 "The balance of an account of the ledger is not the sum of its postings.",
                 by_hand},
    finding_kind{"ledger_entry_unbalanced", error, none,
                 "The postings of a ledger entry do not sum to zero.", by_hand},
    finding_kind{"ledger_not_of_payment", error, none,
                 "A payment's captured, refunded or disputed amount is not that of its ledger "
                 "entries.",
                 by_hand},
    finding_kind{"partition_not_served", error, none,
                 "Nodes serve the store, but none of them owns this partition of the service.",
                 "Start a node that runs the service, and read its log."},
    finding_kind{"media_file_missing", error, none,
                 "The file of an uploaded image is missing, or has another size.",
                 "Copy it from a backup, or upload the image again."},
    finding_kind{"media_file_unknown", warning, none,
                 "The media folder has a file that the catalogue does not know.",
                 "After a restore, delete it; do so only if no other store uses the folder."},
    finding_kind{"level_not_of_allocations", error, none,
                 "The reserved units at a location differ from what orders and carts have there.",
                 by_hand},
    finding_kind{"level_not_of_ledger", error, none,
                 "The stock at a location is not the sum of its ledger.",
                 "Count the units and correct the stock."},
    finding_kind{"level_not_of_stock", error, none,
                 "A product's stock does not include that at its locations.",
                 "Count the units and correct the stock."},
    finding_kind{"mail_duplicate", warning, none,
                 "A customer was notified twice of the same change.", "No action is required."},
    finding_kind{"mail_failed", warning, none, "A notification could not be delivered.",
                 "See its log: GET /admin/v1/notifications/{notification_id}."},
    finding_kind{"mail_missing", error, redrive, "A change of an order has no notification.",
                 "Run `stoa check --repair`, which creates it; one about a refund must be sent "
                 "manually."},
    finding_kind{"mail_overdue", warning, none,
                 "A notification has been pending for longer than its retries take.",
                 "Check the mail server and the node that runs the notification service."},
    finding_kind{"mail_without_order", warning, none,
                 "A customer was notified about an order that is not stored.",
                 "The order was lost: contact the customer. `--ignore` excludes the finding."},
    finding_kind{"order_history_wrong", error, none,
                 "An order's status is not the last one of its history.", by_hand},
    finding_kind{"order_not_settled", error, redrive,
                 "An order is Pending although its payment is decided.", redrive_it},
    finding_kind{"order_overdue", error, redrive,
                 "An order has been Pending for longer than allowed.", redrive_it},
    finding_kind{"order_without_payment", error, none,
                 "An order was confirmed, and no payment of it is stored.",
                 "Compare with the gateway, which stores the order's id with a charge."},
    finding_kind{
        "order_wrong_total", error, none,
        "An order's total is not the sum of its parts, or its subtotal not the sum of its items.",
        by_hand},
    finding_kind{"outbox_beyond_partition", error, none,
                 "An outbox holds events with numbers that the partition has not assigned.",
                 "The database mixes two states: restore it as a whole."},
    finding_kind{"outbox_overdue", error, none,
                 "Events have not been delivered to their subscribers.",
                 "Start the nodes; `GET /admin/v1/nodes` shows which service does not respond."},
    finding_kind{"payment_not_cancelled", error, redrive,
                 "A cancelled order's payment is not decided, and is not being cancelled.",
                 redrive_it},
    finding_kind{"payment_not_completed", error, none,
                 "An order was confirmed, but its payment is neither authorised nor captured.",
                 "Compare with the gateway; cancel the order if nothing was paid."},
    finding_kind{"payment_not_refunded", error, redrive,
                 "A cancelled order's payment was not refunded.", redrive_it},
    finding_kind{"payment_overdue", error, redrive,
                 "A call to the gateway has been open for longer than its retries take.",
                 redrive_it},
    finding_kind{"payment_without_order", error, refund,
                 "A payment is open for an order that is not stored.",
                 "Cancel it: `stoa check --repair --refunds`, or POST "
                 "/admin/v1/payments/{payment_id}/refund."},
    finding_kind{"payment_wrong_amount", error, none,
                 "A payment's amount is not the total of its order.", by_hand},
    finding_kind{
        "payment_wrong_state", error, none,
        "A payment does not match its order: it is Pending without an open call to the gateway, "
        "or it is being cancelled or refunded although its order is confirmed.",
        "Compare with the gateway and correct it manually."},
    finding_kind{"refund_declined", warning, none, "The gateway has declined a refund.",
                 "Retry it: POST /admin/v1/payments/{payment_id}/refunds/{refund_id}/retry, or "
                 "refund it at the gateway."},
    finding_kind{"refund_missing", error, none,
                 "A payment has refunds that the gateway does not have.",
                 "Refund it at the gateway."},
    finding_kind{"refund_not_recorded", error, none,
                 "The gateway has refunds that the payment does not have.", by_hand},
    finding_kind{"refunds_wrong_sum", error, none,
                 "A payment's refunded amount is not the sum of its refunds, or they exceed it.",
                 "Compare with the gateway and correct it manually."},
    finding_kind{"price_invalid", error, none,
                 "A price of a price list is out of range, or its tiers do not ascend.",
                 "Set the price again, or delete it."},
    finding_kind{"price_list_wrong", error, none,
                 "The terms of a price list are not valid, another list has its key, or it counts "
                 "other prices than it has.",
                 by_hand},
    finding_kind{"price_of_deleted_product", warning, none,
                 "A price list has a price of a product that was deleted a while ago.",
                 "Delete the price; if the store runs, its log says why it was not removed."},
    finding_kind{"price_without_list", error, none,
                 "Prices belong to a price list that is not stored.", by_hand},
    finding_kind{"promotion_uses_wrong", error, none,
                 "The uses of a promotion, of a code or of a customer are not those of its orders, "
                 "or exceed their limit.",
                 by_hand},
    finding_kind{"redemption_missing", error, none,
                 "A confirmed order redeems a promotion or credit, which is not recorded.",
                 by_hand},
    finding_kind{"redemption_not_redeemed", error, redrive,
                 "The use of a promotion or of credit by a confirmed order is not recorded as "
                 "redeemed.",
                 redrive_it},
    finding_kind{"redemption_not_released", error, redrive,
                 "A cancelled order still uses a promotion or credit.", redrive_it},
    finding_kind{"redemption_without_order", error, none,
                 "A promotion or credit is used by an order that is not stored.",
                 "One that is Reserved is settled within catalog.reservation_ttl_s."},
    finding_kind{"reservation_missing", error, none,
                 "Units of a confirmed order are not reserved in full.",
                 "Correct the stock: POST /admin/v1/products/{product_id}/stock."},
    finding_kind{"reservation_not_of_order", error, none,
                 "Units are reserved for or sold to an order that does not contain the product.",
                 "Correct the stock: POST /admin/v1/products/{product_id}/stock."},
    finding_kind{"reservation_not_released", error, redrive,
                 "A cancelled order still has reserved units.", redrive_it},
    finding_kind{"reservation_not_sold", error, redrive,
                 "Units of a confirmed order are reserved but not marked as sold.", redrive_it},
    finding_kind{"reservation_without_order", error, release,
                 "Units are reserved for an order that is not stored.",
                 "Run `stoa check --repair`, or POST "
                 "/admin/v1/orders/{order_id}/release-reservation."},
    finding_kind{"sale_without_order", error, restock,
                 "Units were sold to an order that is not stored.",
                 "If they have not been shipped: `stoa check --repair --refunds`."},
    finding_kind{"shipment_not_settled", error, redrive,
                 "An order waits to be shipped, but its payment is not being captured.",
                 redrive_it},
    finding_kind{"shipped_not_captured", error, none,
                 "An order was shipped, and its payment is authorised but not captured.",
                 "Capture it before the authorisation expires: POST "
                 "/admin/v1/payments/{payment_id}/capture."},
    finding_kind{"sold_too_early", error, redrive, "Units were sold to an order that is Pending.",
                 redrive_it},
    finding_kind{"stock_not_of_ledger", error, none,
                 "A product's stock is not the sum of its ledger.",
                 "Count the units and correct the stock."},
    finding_kind{"stock_not_of_reservations", error, none,
                 "A product's reserved units differ from the sum of its reservations and holds.",
                 by_hand},
    finding_kind{"stock_oversold", error, none,
                 "More units are reserved than on hand of a product that cannot be oversold.",
                 "Count the units and correct the stock."},
    finding_kind{"store_id_differs", error, none,
                 "A database belongs to another store than the others.",
                 "Correct the settings, or restore the right database."},
    finding_kind{"store_part", error, none, "A part of the store is missing or damaged.",
                 "Restore it from the backup; `stoa store check` lists all parts."},
};

}  // namespace

std::span<const finding_kind> finding_kinds() {
  return kinds;
}

const finding_kind& kind_of(std::string_view code) {
  const auto found = std::ranges::find(kinds, code, &finding_kind::code);
  if (found == kinds.end()) throw std::logic_error("no such finding: " + std::string(code));
  return *found;
}

void finding_list::add(finding f) {
  if (++counts_[f.code] <= kept_max) kept_.push_back(std::move(f));
}

void finding_list::add(finding_list other) {
  for (auto& f : other.kept_) {
    --other.counts_[f.code];
    add(std::move(f));
  }
  for (const auto& [code, more] : other.counts_) {
    if (more > 0) counts_[code] += more;
  }
}

void finding_list::drop(const std::vector<std::string>& codes) {
  for (const auto& code : codes) {
    counts_.erase(code);
    std::erase_if(kept_, [&](const finding& f) { return f.code == code; });
  }
}

void show_findings(const finding_list& all, std::int64_t shown_max, check_report& report) {
  for (const auto& [code, count] : all.counts()) {
    const auto& kind = kind_of(code);
    report.codes[code] = {kind.level, count, std::string(kind.meaning), std::string(kind.action)};
  }
  std::map<std::string, std::int64_t> shown;
  for (const auto& f : all.kept()) {
    if (++shown[f.code] <= shown_max) report.findings.push_back(f);
  }
}

std::string report_text(const check_report& report) {
  std::string text;
  for (const auto& [code, kind] : report.codes) {
    text += std::string(enum_name(kind.severity)) + " " + code + ": " + kind.meaning + "\n";
    std::int64_t shown = 0;
    for (const auto& f : report.findings) {
      if (f.code != code) continue;
      ++shown;
      text += "  " + f.service + " " + printable(f.id);
      if (f.order_id && *f.order_id != f.id) text += " (order " + printable(*f.order_id) + ")";
      text += (f.detail.empty() ? "" : ": " + printable(f.detail)) + "\n";
    }
    if (kind.count > shown) {
      text += "  ... and " + std::to_string(kind.count - shown) + " more\n";
    }
    text += "  -> " + kind.action + "\n";
  }
  for (const auto& what : report.not_checked) text += "not checked: " + printable(what) + "\n";
  for (const auto& r : report.repairs) {
    text += "repair: " + r.action + " " + printable(r.id) + ": " + printable(r.outcome) + "\n";
  }
  std::string read;
  for (const auto& [what, count] : report.read) {
    read += (read.empty() ? "" : ", ") + std::to_string(count) + " " + what;
  }
  text += "read " + read + "\n";
  return text + (report.codes.empty() ? "nothing found\n" : "");
}

}  // namespace stoa::cli
