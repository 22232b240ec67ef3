#include "tests/support/store_checker.hpp"

#include "net/mail/mbox.hpp"
#include "storage/base/order_number.hpp"
#include "tests/support/export_rules.hpp"
#include "tests/support/handle_rules.hpp"
#include "tests/support/level_rules.hpp"
#include "tests/support/media_checker.hpp"
#include "tests/support/pricing_rules.hpp"
#include "tests/support/store_copy.hpp"
#include "tests/support/store_files.hpp"

#include <algorithm>
#include <functional>
#include <stdexcept>
#include <thread>

namespace stoa::test {
namespace {

namespace fs = std::filesystem;
using std::chrono::steady_clock;

constexpr std::size_t shown_max = 5;  ///< rows of one kind of violation

/// The table `charge` from the ledger of the sandbox, and from that of the gateway simulator.
constexpr const char* sandbox_charges =
    R"(CREATE TEMP TABLE charge AS SELECT upper(replace(order_id,'-','')) AS oid, key, amount,
         refunded FROM bank.charges WHERE status = 'paid')";
constexpr const char* simulator_charges =
    R"(CREATE TEMP TABLE charge AS
         SELECT upper(replace(json_extract(record, '$.shown.metadata.order_id'),'-','')) AS oid,
           id AS key, json_extract(record, '$.shown.amount_received') AS amount,
           json_extract(record, '$.refunded') AS refunded
         FROM bank.intents WHERE json_extract(record, '$.shown.status') = 'succeeded')";

using rule = store_rule;

/// Inputs of the rules: `o` orders, `charge` the bank's charges, `line` units bought, `due_mail`
/// the expected mails, one row each.
constexpr const char* prepare[] = {
    R"(CREATE TEMP TABLE o AS SELECT hex(order_id) AS oid, order_id AS id, status,
         total_amount AS total, total_amount - credit_total AS due, subtotal, order_number, email,
         adjustment_total + shipping_total + tax_total AS parts, cart_id, cart_version, created_at,
         status IN ('Confirmed','Shipped','Delivered') AS bought,
         EXISTS(SELECT 1 FROM order_db.order_status_history h
                WHERE h.order_id = orders.order_id AND h.status = 'Confirmed') AS was_confirmed
       FROM order_db.orders)",
    "CREATE INDEX temp.o_oid ON o(oid)",
    "CREATE INDEX temp.o_id ON o(id)",
    "CREATE INDEX temp.o_email ON o(email)",
    "CREATE INDEX temp.o_number ON o(order_number)",
    "CREATE INDEX temp.charge_oid ON charge(oid)",
    R"(CREATE TEMP TABLE paid AS SELECT oid, count(*) AS charges, sum(amount) AS amount,
         sum(refunded) AS refunded FROM charge GROUP BY oid)",
    "CREATE INDEX temp.paid_oid ON paid(oid)",
    R"(CREATE TEMP TABLE line AS SELECT o.oid, o.id, i.product_id, sum(i.quantity) AS quantity
       FROM o JOIN order_db.order_items i ON i.order_id = o.id WHERE o.bought
       GROUP BY o.id, i.product_id)",
    "CREATE INDEX temp.line_product ON line(product_id)",
    "CREATE INDEX temp.line_id ON line(id, product_id)",
    R"(CREATE TEMP TABLE due_mail AS
         SELECT DISTINCT hex(order_id) AS oid, lower(status) AS kind
         FROM order_db.order_status_history WHERE status <> 'Pending'
         UNION SELECT hex(order_id), 'refunded' FROM payment_db.payments
               WHERE status = 'Refunded' AND amount > 0)",
    "CREATE INDEX temp.due_mail_oid ON due_mail(oid, kind)",
    R"(CREATE TEMP TABLE note AS SELECT hex(order_id) AS oid, template_name AS kind,
         count(*) AS many FROM notification_db.notifications
         WHERE type = 'Email' AND resend_of IS NULL GROUP BY order_id, template_name)",
    "CREATE INDEX temp.note_oid ON note(oid, kind)",
    "CREATE TEMP TABLE mail(oid TEXT, kind TEXT)",
    "CREATE TEMP TABLE initial(product_id BLOB PRIMARY KEY, on_hand INTEGER)",
};

constexpr rule rules[] = {
    {"an order's total is not the sum of its parts",
     "SELECT oid, total, subtotal, parts FROM o WHERE total <> subtotal + parts"},
    {"an order's subtotal is not the sum of its items",
     R"(SELECT oid, subtotal FROM o WHERE
          subtotal <> (SELECT coalesce(sum(i.quantity*i.price_at_purchase),0)
                       FROM order_db.order_items i WHERE i.order_id = o.id)
          OR subtotal <> (SELECT coalesce(sum(i.line_total),0)
                          FROM order_db.order_items i WHERE i.order_id = o.id))"},
    {"an order's status is not the last of its history",
     R"(SELECT oid, status FROM o WHERE status IS NOT (SELECT h.status
        FROM order_db.order_status_history h WHERE h.order_id = o.id
        ORDER BY coalesce(seq, 0) DESC, history_id DESC LIMIT 1))"},
    {"an order went through the same status twice",
     R"(SELECT hex(order_id), status, count(*) FROM order_db.order_status_history
        GROUP BY order_id, status HAVING count(*) > 1)"},
    {"an order is still Pending", "SELECT oid FROM o WHERE status = 'Pending'", true},
    {"one version of a cart was ordered twice",
     R"(SELECT hex(cart_id), cart_version, group_concat(oid) FROM o WHERE status <> 'Cancelled'
        GROUP BY cart_id, cart_version HAVING count(*) > 1)"},
    {"an order was charged more than once", "SELECT oid, charges FROM paid WHERE charges > 1"},
    {"the bank has a charge for an order that does not exist",
     "SELECT key, oid, amount FROM charge WHERE oid NOT IN (SELECT oid FROM o)"},
    {"a bought order is not charged exactly what is due",
     R"(SELECT o.oid, o.due, p.charges, p.amount, p.refunded FROM o LEFT JOIN paid p USING(oid)
        WHERE o.bought AND o.due > 0
          AND (p.charges IS NOT 1 OR p.amount IS NOT o.due OR p.refunded <> 0))"},
    {"a cancelled order's money is not refunded",
     R"(SELECT o.oid, p.amount, p.refunded FROM o JOIN paid p USING(oid)
        WHERE o.status = 'Cancelled' AND p.amount <> p.refunded)",
     true},
    {"a bought order has no Completed payment of what is due",
     R"(SELECT o.oid, p.status, p.amount FROM o LEFT JOIN payment_db.payments p ON p.order_id = o.id
        WHERE o.bought AND (p.status IS NOT 'Completed' OR p.amount IS NOT o.due))"},
    {"a cancelled order's payment is neither Failed nor Refunded",
     R"(SELECT o.oid, p.status FROM o JOIN payment_db.payments p ON p.order_id = o.id
        WHERE o.status = 'Cancelled' AND p.status NOT IN ('Failed','Refunded'))",
     true},
    {"a settled payment has no matching charge at the bank",
     R"(SELECT hex(p.payment_id), p.status FROM payment_db.payments p
        LEFT JOIN paid b ON b.oid = hex(p.order_id)
        WHERE p.status IN ('Completed','Refunded') AND p.amount > 0 AND b.amount IS NOT p.amount)"},
    {"a webhook was applied more than once",
     R"(SELECT hex(payment_id), json_extract(details, '$.key'), count(*)
        FROM payment_db.payment_logs WHERE event = 'webhook_received'
        GROUP BY 1, 2 HAVING count(*) > 1)"},
    {"a payment is Refunded, but the bank has not refunded it",
     R"(SELECT hex(p.payment_id), b.refunded FROM payment_db.payments p
        LEFT JOIN paid b ON b.oid = hex(p.order_id)
        WHERE p.status = 'Refunded' AND p.amount > 0 AND b.refunded IS NOT p.amount)"},
    {"a payment is still open",
     R"(SELECT hex(payment_id), status, effect FROM payment_db.payments
        WHERE status = 'Pending' OR effect <> 'None')",
     true},
    {"stock is not the sum of its ledger",
     R"(SELECT hex(i.product_id), i.on_hand, l.on_hand, i.reserved, l.reserved
        FROM catalog_db.inventory i LEFT JOIN
          (SELECT product_id, sum(on_hand_change) AS on_hand, sum(reserved_change) AS reserved
           FROM catalog_db.stock_ledger GROUP BY product_id) l USING(product_id)
        WHERE i.on_hand <> coalesce(l.on_hand,0) OR i.reserved <> coalesce(l.reserved,0))"},
    {"stock is still reserved",
     R"(SELECT hex(i.product_id), i.reserved FROM catalog_db.inventory i
        WHERE i.reserved <> (SELECT coalesce(sum(h.quantity),0) FROM catalog_db.stock_holds h
                             WHERE h.product_id = i.product_id))",
     true},
    {"stock was oversold",
     R"(SELECT hex(product_id), on_hand, reserved FROM catalog_db.inventory
        WHERE tracked = 1 AND backorder = 0 AND available_min = 0 AND on_hand < reserved)"},
    {"a reservation is still active",
     "SELECT hex(order_id) FROM catalog_db.reservations WHERE status = 'Active'", true},
    {"units bought have no Sold reservation",
     R"(SELECT l.oid, hex(l.product_id), l.quantity, r.status, r.quantity FROM line l
        LEFT JOIN catalog_db.reservations r ON r.order_id = l.id AND r.product_id = l.product_id
        WHERE r.status IS NOT 'Sold' OR r.quantity <> l.quantity)",
     true},
    {"a reservation is Sold for an order that was not bought",
     R"(SELECT hex(r.order_id), hex(r.product_id) FROM catalog_db.reservations r
        LEFT JOIN line l ON l.id = r.order_id AND l.product_id = r.product_id
        WHERE r.status = 'Sold' AND l.id IS NULL)",
     true},
    {"units sold and left do not equal the initial stock",
     R"(SELECT hex(n.product_id), n.on_hand AS first, i.on_hand AS now,
          (SELECT coalesce(sum(quantity),0) FROM line WHERE line.product_id = n.product_id) AS sold
        FROM initial n LEFT JOIN catalog_db.inventory i USING(product_id)
        WHERE n.on_hand IS NOT i.on_hand + sold AND i.tracked IS NOT 0)",
     true},
    {"a promotion's uses are not those of its redemptions, or too many",
     R"(SELECT hex(u.promotion_id), u.uses, n.uses FROM pricing_db.promotion_uses u
        JOIN pricing_db.promotions p USING(promotion_id)
        LEFT JOIN (SELECT promotion_id, count(*) AS uses FROM pricing_db.redemptions
                   WHERE status <> 'Released' GROUP BY promotion_id) n USING(promotion_id)
        WHERE u.uses <> coalesce(n.uses,0) OR u.uses > json_extract(p.terms, '$.uses_max'))"},
    {"a code's uses are not those of its redemptions",
     R"(SELECT c.code, c.uses FROM pricing_db.promotion_codes c WHERE c.uses <>
          (SELECT count(*) FROM pricing_db.redemptions r
           WHERE r.code_key = c.code_key AND r.status <> 'Released'))"},
    {"an order that stands does not have its redemptions",
     R"(SELECT o.oid FROM o JOIN order_db.orders d ON d.order_id = o.id
        WHERE o.bought AND coalesce(json_array_length(d.redemptions),0) <>
          (SELECT count(*) FROM pricing_db.redemptions r
           WHERE r.order_id = o.id AND r.status <> 'Released'))"},
    {"a redemption is not that of its order",
     R"(SELECT hex(r.order_id), r.status, o.status FROM pricing_db.redemptions r
        LEFT JOIN o ON o.id = r.order_id
        WHERE r.status IS NOT CASE WHEN o.bought THEN 'Redeemed' ELSE 'Released' END)",
     true},
    {"a balance is not the sum of its entries",
     R"(SELECT hex(a.credit_account_id), a.balance FROM pricing_db.credit_accounts a
        WHERE a.balance < 0 OR a.balance <> (SELECT coalesce(sum(e.amount),0)
          FROM pricing_db.credit_entries e WHERE e.credit_account_id = a.credit_account_id))"},
    {"an order that stands has not redeemed its credit",
     R"(SELECT o.oid, d.credit_total FROM o JOIN order_db.orders d ON d.order_id = o.id
        WHERE o.bought AND d.credit_total <> (SELECT coalesce(sum(r.amount),0)
          FROM pricing_db.credit_redemptions r WHERE r.order_id = o.id AND r.status <> 'Released'))"},
    {"an order's credit is not what its entries have taken",
     R"(SELECT hex(r.order_id), r.status, r.amount FROM pricing_db.credit_redemptions r
        WHERE (SELECT coalesce(sum(e.amount),0) FROM pricing_db.credit_entries e
               WHERE e.order_id = r.order_id AND e.credit_account_id = r.credit_account_id)
          <> CASE WHEN r.status = 'Released' THEN 0 ELSE r.returned - r.amount END)"},
    {"redeemed credit is not that of its order",
     R"(SELECT hex(r.order_id), r.status, o.status FROM pricing_db.credit_redemptions r
        LEFT JOIN o ON o.id = r.order_id
        WHERE r.status IS NOT CASE WHEN o.bought THEN 'Redeemed' ELSE 'Released' END)",
     true},
    {"a price list's number of prices is wrong", wrong_price_counts},
    {"a deleted product has a price", prices_of_deleted_products, true},
    {"two price lists have the same key", shared_price_keys},
    {"an order has taxes of a provider without a record", unrecorded_taxes},
    {"a notification is missing",
     R"(SELECT d.oid, d.kind FROM due_mail d LEFT JOIN note n USING(oid, kind)
        WHERE n.many IS NULL)",
     true},
    {"a notification was created more than once",
     "SELECT oid, kind, many FROM note WHERE many > 1"},
    {"a notification without its event",
     R"(SELECT n.oid, n.kind FROM note n LEFT JOIN due_mail d USING(oid, kind)
        WHERE n.kind <> 'refunded' AND d.oid IS NULL)"},
    {"a notification is still Pending",
     R"(SELECT hex(notification_id) FROM notification_db.notifications WHERE status = 'Pending')",
     true},
    {"a notification has Failed",
     "SELECT hex(notification_id) FROM notification_db.notifications WHERE status = 'Failed'"},
    {"bought items are still in the cart",
     R"(SELECT o.oid, hex(c.cart_item_id) FROM o JOIN cart_db.cart_items c ON c.cart_id = o.cart_id
        WHERE o.bought AND c.added_at < o.created_at)",
     true},
};

constexpr rule mail_rules[] = {
    {"a mail is missing",
     R"(SELECT d.oid, d.kind FROM due_mail d LEFT JOIN mail m USING(oid, kind)
        WHERE m.oid IS NULL)",
     true},
    {"a mail was sent more than once",
     "SELECT oid, kind, count(*) FROM mail GROUP BY oid, kind HAVING count(*) > 1"},
    {"a mail without its event",
     R"(SELECT m.oid, m.kind FROM mail m LEFT JOIN due_mail d USING(oid, kind)
        WHERE m.kind <> 'refunded' AND d.oid IS NULL)"},
};

/// Rows that represent work in progress.
struct open_rule {
  const char* what;
  const char* service;
  const char* table;
  const char* condition;
};

/// await_quiet polls these counts: each must use an index.
constexpr open_rule open_rules[] = {
    {"orders Pending", "order", "orders", "status = 'Pending'"},
    {"payments open", "payment", "payments", "effect <> 'None'"},
    {"notifications Pending", "notification", "notifications", "status = 'Pending'"},
    {"webhook deliveries Pending", "notification", "webhook_deliveries", "status = 'Pending'"},
    {"reservations active", "catalog", "reservations", "status = 'Active'"},
    {"events of cart", "cart", "outbox", "1 = 1"},
    {"events of catalog", "catalog", "outbox", "1 = 1"},
    {"events of notification", "notification", "outbox", "1 = 1"},
    {"events of order", "order", "outbox", "1 = 1"},
    {"events of payment", "payment", "outbox", "1 = 1"},
    {"events of pricing", "pricing", "outbox", "1 = 1"},
    {"events of user", "user", "outbox", "1 = 1"},
};

constexpr rule counted[] = {
    {"orders", "SELECT count(*) FROM o"},
    {"orders confirmed", "SELECT count(*) FROM o WHERE was_confirmed"},
    {"orders bought", "SELECT count(*) FROM o WHERE bought"},
    {"orders cancelled", "SELECT count(*) FROM o WHERE status = 'Cancelled'"},
    {"orders total of bought", "SELECT coalesce(sum(total),0) FROM o WHERE bought"},
    {"payments completed", "SELECT count(*) FROM payment_db.payments WHERE status = 'Completed'"},
    {"charges paid", "SELECT count(*) FROM charge"},
    {"webhooks applied",
     "SELECT count(*) FROM payment_db.payment_logs WHERE event = 'webhook_received'"},
    {"charges kept, minor units", "SELECT coalesce(sum(amount - refunded),0) FROM charge"},
    {"units sold", "SELECT coalesce(sum(quantity),0) FROM line"},
    {"units sold elsewhere", units_sold_elsewhere},
    {"notifications", "SELECT count(*) FROM notification_db.notifications"},
    {"mails", "SELECT count(*) FROM mail"},
    {"promotions redeemed",
     "SELECT count(*) FROM pricing_db.redemptions WHERE status = 'Redeemed'"},
    {"credit redeemed, minor units",
     "SELECT coalesce(sum(amount),0) FROM pricing_db.credit_redemptions WHERE status = 'Redeemed'"},
    {"redemptions rejected",
     "SELECT count(*) FROM order_db.orders WHERE cancel_code = 'redemption_rejected'"},
};

std::string joined(const store_files::row& r) {
  std::string text;
  for (const auto& value : r) text += (text.empty() ? "" : " | ") + value;
  return text;
}

class checker {
 public:
  explicit checker(const check_options& options)
      : options_(options), files_(options.data, options.gateway_ledger) {}

  check_report run() {
    files_.run(options_.gateway_ledger.empty() ? sandbox_charges : simulator_charges);
    for (const auto* sql : prepare) files_.run(sql);
    files_.run(prepare_levels);
    load_initial();
    for (const auto& r : rules) apply(r);
    for (const auto& r : line_rules) apply(r);
    for (const auto& r : level_rules) apply(r);
    for (const auto& r : handle_rules) apply(r);
    for (const auto& r : export_rules) apply(r);
    if (options_.read_mails) {
      load_mails();
      for (const auto& r : mail_rules) apply(r);
    }
    check_events();
    for (const auto& v : media_violations(files_, options_.data / "media")) violation(v, "");
    for (const auto& t : options_.reported) check_reported(t);
    for (const auto& c : counted) {
      // Mails that were not read are not counted.
      if (!options_.read_mails && std::string_view(c.what) == "mails") continue;
      report_.facts[c.what] = files_.number(c.sql);
    }
    return std::move(report_);
  }

 private:
  void violation(const std::string& what, const std::string& where) {
    const auto many = ++seen_[what];
    if (many <= shown_max) report_.violations.push_back(what + ": " + where);
  }

  void apply(const rule& r) {
    if (r.quiet_only && !options_.quiet) return;
    for (const auto& row : files_.rows(r.sql)) violation(r.what, joined(row));
  }

  void load_initial() {
    if (options_.initial.empty()) {
      files_.run(R"(INSERT INTO initial SELECT product_id, sum(on_hand_change)
                    FROM catalog_db.stock_ledger WHERE cause IN ('import','adjustment')
                    GROUP BY product_id)");
      return;
    }
    for (const auto& [id, units] : options_.initial) {
      files_.run(
          "INSERT INTO initial SELECT product_id, CAST(? AS INTEGER) "
          "FROM catalog_db.inventory WHERE hex(product_id) = ?",
          {std::to_string(units), id});
    }
  }

  void load_mails() {
    static constexpr std::pair<std::string_view, std::string_view> kinds[] = {
        {"is confirmed", "confirmed"}, {"is cancelled", "cancelled"}, {"has shipped", "shipped"},
        {"has arrived", "delivered"},  {"refund", "refunded"},
    };
    files_.run("BEGIN");
    for (const auto& m : mail::read_mbox(options_.data / "mail")) {
      const auto kind = std::find_if(std::begin(kinds), std::end(kinds), [&](const auto& k) {
        return m.content.subject.find(k.first) != std::string::npos;
      });
      const auto at = m.content.text.find("\nOrder ");
      if (kind == std::end(kinds) || at == std::string::npos) {
        violation("unknown mail", m.file.string());
        continue;
      }
      // Mails contain the order's number.
      const auto number = parse_order_number(m.content.text.substr(at + 7, 11)).value_or("none");
      files_.run(
          "INSERT INTO mail VALUES(coalesce((SELECT oid FROM o WHERE order_number = ?1), ?1), ?2)",
          {number, std::string(kind->second)});
    }
    files_.run("COMMIT");
    files_.run("CREATE INDEX temp.mail_oid ON mail(oid, kind)");
  }

  void check_events() {
    for (const auto name : service_databases) {
      const auto db = std::string(name) + "_db";
      for (const auto& row : files_.rows("SELECT type, error FROM " + db + ".dead_letter")) {
        violation("an event is a dead letter", std::string(name) + " | " + joined(row));
      }
      if (!options_.quiet) continue;
      for (const auto& row : files_.rows("SELECT seq, type FROM " + db + ".outbox")) {
        violation("an event is still in the outbox", std::string(name) + " | " + joined(row));
      }
    }
  }

  void check_reported(const reported_checkout& t) {
    const auto found =
        files_.rows("SELECT oid, status, bought, was_confirmed FROM o WHERE email = ?", {t.email});
    auto id = t.order_id;
    std::erase(id, '-');
    std::transform(id.begin(), id.end(), id.begin(),
                   [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    const auto where = t.email + " | reported order " + (id.empty() ? "none" : id);
    if (found.size() > 1) violation("one checkout created two orders", where);
    const auto same =
        std::find_if(found.begin(), found.end(), [&](const auto& row) { return row[0] == id; });
    const bool exists = same != found.end();
    if (!id.empty() && !exists) violation("an acknowledged order is lost", where);
    if (t.confirmed && exists && (*same)[3] != "1") {
      violation("an order reported as Confirmed never was", where + " | " + joined(*same));
    }
    const bool cancelled = exists && (*same)[1] == "Cancelled";
    if (t.confirmed && cancelled && !t.cancel_asked) {
      violation("a confirmed order was cancelled without a request", where);
    }
    if (t.cancel_answered && exists && !cancelled) {
      violation("an order reported as Cancelled is not", where + " | " + joined(*same));
    }
    if (!t.refused) return;
    for (const auto& row : found) {
      if (row[3] == "1") violation("a rejected checkout was sold", where + " | " + joined(row));
    }
  }

  const check_options& options_;
  store_files files_;
  check_report report_;
  std::map<std::string, std::size_t> seen_;
};

/// Counts a rule's rows in either kind of store.
using counter = std::function<std::int64_t(const open_rule&)>;

counter counter_of(const fs::path& data) {
  if (const auto place = place_of(data)) {
    return [rows = std::make_shared<row_counter>(*place)](const open_rule& r) {
      return rows->count(r.service, r.table, r.condition);
    };
  }
  return [files = std::make_shared<store_files>(data)](const open_rule& r) {
    return files->number("SELECT count(*) FROM " + std::string(r.service) + "_db." + r.table +
                         " WHERE " + r.condition);
  };
}

std::map<std::string, std::int64_t> count_open(const counter& count) {
  std::map<std::string, std::int64_t> open;
  for (const auto& r : open_rules) {
    if (const auto many = count(r)) open[r.what] = many;
  }
  return open;
}

}  // namespace

stock_map read_stock(const fs::path& data) {
  store_files files(data);
  stock_map stock;
  for (const auto& row :
       files.rows("SELECT hex(i.product_id), i.on_hand FROM catalog_db.inventory i "
                  "JOIN catalog_db.products p USING(product_id) "
                  "WHERE i.sellable = 1 AND p.status = 'Active'")) {
    stock[row[0]] = std::atoll(row[1].c_str());
  }
  return stock;
}

std::string uuid_text(std::string_view hex) {
  std::string text;
  for (std::size_t i = 0; i < hex.size(); ++i) {
    if (i == 8 || i == 12 || i == 16 || i == 20) text += '-';
    text += static_cast<char>(std::tolower(static_cast<unsigned char>(hex[i])));
  }
  return text;
}

std::string check_report::text() const {
  std::string out;
  for (const auto& v : violations) out += "violation: " + v + "\n";
  for (const auto& [name, value] : facts) out += name + ": " + std::to_string(value) + "\n";
  return out;
}

check_report check_store(const check_options& options) {
  return checker(options).run();
}

std::map<std::string, std::int64_t> open_work(const fs::path& data) {
  return count_open(counter_of(data));
}

bool await_quiet(const fs::path& data, std::chrono::milliseconds limit) {
  const auto until = steady_clock::now() + limit;
  const auto count = counter_of(data);
  while (std::ranges::any_of(open_rules, [&](const open_rule& r) { return count(r) > 0; })) {
    if (steady_clock::now() > until) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds{50});
  }
  return true;
}

std::string what_stays_open(const std::filesystem::path& data, std::chrono::milliseconds later) {
  std::string text;
  for (int looks = 0; looks < 2; ++looks) {
    if (looks) await_quiet(data, later);
    text += looks ? "; after the same time again:" : ":";
    for (const auto& [what, many] : open_work(data))
      text += " " + what + " " + std::to_string(many);
  }
  return text;
}

}  // namespace stoa::test
