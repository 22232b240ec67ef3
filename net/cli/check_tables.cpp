// Checks of notifications and stock for `stoa check`.

#include "net/cli/check_reader.hpp"
#include "storage/db/columns.hpp"

#include <algorithm>
#include <array>

namespace stoa::cli {

namespace {

constexpr std::int64_t page_rows = 2000;
constexpr std::int64_t stock_rows = 200;

constexpr std::array<std::string_view, 5> mail_kinds{"confirmed", "cancelled", "shipped",
                                                     "delivered", "refunded"};
constexpr unsigned refunded_bit = 1U << 4;

const db::sql next_mails{
    "next notifications",
    "SELECT notification_id,order_id,template_name,status,next_attempt_at,type,"
    "resend_of"
    " FROM notifications WHERE notification_id>$1"
    " ORDER BY notification_id LIMIT $2"};

const db::sql next_suppressed{"next suppressed notifications",
                              "SELECT order_id,template_name FROM suppressed_notifications"
                              " WHERE order_id>$1 OR order_id=$1 AND template_name>$2"
                              " ORDER BY order_id,template_name LIMIT $3"};

const db::sql stock_bound{"stock's bound",
                          "SELECT product_id FROM inventory WHERE product_id>$1"
                          " ORDER BY product_id LIMIT 1 OFFSET $2"};
const db::sql stock_in{"stock in a range",
                       "SELECT product_id,on_hand,reserved,available_min"
                       " FROM inventory WHERE product_id>$1 AND product_id<=$2"};
const db::sql ledger_in{"ledger in a range",
                        "SELECT product_id,CAST(sum(on_hand_change) AS BIGINT),"
                        "CAST(sum(reserved_change) AS BIGINT) FROM stock_ledger"
                        " WHERE product_id>$1 AND product_id<=$2 GROUP BY product_id"};
const db::sql holds_in{"holds in a range",
                       "SELECT product_id,CAST(sum(quantity) AS BIGINT) FROM stock_holds"
                       " WHERE product_id>$1 AND product_id<=$2 GROUP BY product_id"};
const db::sql active_in{"reservations of products",
                        "SELECT product_id,CAST(sum(quantity) AS BIGINT) FROM reservations"
                        " WHERE status='Active' AND product_id>$1 AND product_id<=$2"
                        " GROUP BY product_id"};

struct product_books {
  std::int64_t on_hand = 0;
  std::int64_t reserved = 0;
  bool is_limited = false;
  std::int64_t ledger_on_hand = 0;
  std::int64_t ledger_reserved = 0;
  std::int64_t held = 0;
};

void judge(const uuid& product, const product_books& b, finding_list& out) {
  const auto add = [&](const char* code, const std::string& detail) {
    out.add({code, "catalog", product.str(), std::nullopt, detail});
  };
  const auto stock =
      "on hand " + std::to_string(b.on_hand) + ", reserved " + std::to_string(b.reserved);
  if (b.on_hand != b.ledger_on_hand || b.reserved != b.ledger_reserved) {
    add("stock_not_of_ledger", stock + "; ledger: on hand " + std::to_string(b.ledger_on_hand) +
                                   ", reserved " + std::to_string(b.ledger_reserved));
  }
  if (b.reserved != b.held) {
    add("stock_not_of_reservations", stock + "; reservations and holds: " + std::to_string(b.held));
  }
  if (b.is_limited && b.on_hand < b.reserved) add("stock_oversold", stock);
}

std::uint64_t hash_of(const uuid& id) {
  return std::hash<uuid>{}(id);
}

/// Ids begin with their creation time: the smallest id of that time.
uuid id_of_time(std::int64_t us) {
  return make_uuid_v7(static_cast<std::uint64_t>(std::max<std::int64_t>(0, us / 1000)), 0, 0);
}

/// Calls f(row) for each notification, starting at the id.
template <class F>
void for_each_mail(db::connection& c, uuid after, F&& f) {
  std::int64_t rows = 0;
  do {
    rows = 0;
    c.query({&next_mails, db::params(after, page_rows)}, [&](db::row r) {
      ++rows;
      after = std::get<uuid>(r[0]);
      f(r);
    });
  } while (rows == page_rows);
}

/// Calls f(row) for each notification that was not created because of the recipient's choice.
template <class F>
void for_each_suppressed(db::connection& c, F&& f) {
  auto order = first_uuid();
  std::string kind;
  std::int64_t rows = 0;
  do {
    rows = 0;
    c.query({&next_suppressed, db::params(order, kind, page_rows)}, [&](db::row r) {
      ++rows;
      order = std::get<uuid>(r[0]);
      kind = std::get<std::string>(r[1]);
      f(r);
    });
  } while (rows == page_rows);
}

}  // namespace

void mail_index::add(const uuid& order, std::string_view kind) {
  const auto found = std::ranges::find(mail_kinds, kind);
  if (found == mail_kinds.end()) return;
  entries_.push_back(
      {hash_of(order), static_cast<std::uint8_t>(1U << (found - mail_kinds.begin()))});
}

std::int64_t mail_index::read(db::connection& c, std::int64_t from_us, uuid last_order,
                              const check_times& times, finding_list& out) {
  std::int64_t count = 0;
  for_each_mail(c, from_us > 0 ? id_of_time(from_us) : first_uuid(), [&](db::row r) {
    ++count;
    const auto* order = std::get_if<uuid>(&r[1]);
    const auto& status = std::get<std::string>(r[3]);
    const auto due = std::get<std::int64_t>(r[4]);
    const auto text = [&] { return std::get<std::string>(r[2]); };
    std::optional<std::string> order_id;
    if (order) order_id = order->str();
    const auto id = std::get<uuid>(r[0]).str();
    if (status == "Failed") out.add({"mail_failed", "notification", id, order_id, text()});
    if (status == "Pending" && due + times.margin < times.mails_now) {
      out.add({"mail_overdue", "notification", id, order_id,
               text() + ", due at " + timestamp{due}.str()});
    }
    // An order may also have a text message and several push messages of each kind.
    const bool is_repeat = std::holds_alternative<uuid>(r[6]);
    if (std::get<std::string>(r[5]) != "Email" || is_repeat) return;
    if (order && *order <= last_order) add(*order, std::get<std::string>(r[2]));
  });
  for_each_suppressed(c, [&](db::row r) {
    const auto order = std::get<uuid>(r[0]);
    if (order <= last_order) add(order, std::get<std::string>(r[1]));
  });
  std::ranges::sort(entries_, {}, &entry::order);
  auto to = entries_.begin();
  for (auto at = entries_.begin(); at != entries_.end(); ++at) {
    if (to != entries_.begin() && std::prev(to)->order == at->order) {
      auto& same = *std::prev(to);
      // An order has one notification per refund.
      same.is_doubled = same.is_doubled || (same.kinds & at->kinds & ~refunded_bit) != 0;
      same.kinds |= at->kinds;
    } else {
      *to++ = *at;
    }
  }
  entries_.erase(to, entries_.end());
  return count;
}

mail_index::entry* mail_index::find(const uuid& order) {
  const auto at = std::ranges::lower_bound(entries_, hash_of(order), {}, &entry::order);
  return at != entries_.end() && at->order == hash_of(order) ? &*at : nullptr;
}

std::set<std::string> mail_index::kinds_of(const uuid& order) {
  std::set<std::string> kinds;
  auto* found = find(order);
  if (found == nullptr) return kinds;
  found->is_known = true;
  for (std::size_t i = 0; i < mail_kinds.size(); ++i) {
    if ((found->kinds & 1U << i) != 0) kinds.emplace(mail_kinds[i]);
  }
  return kinds;
}

void mail_index::add_findings(db::connection& c, finding_list& out) const {
  std::unordered_set<std::uint64_t> unknown;
  std::unordered_set<std::uint64_t> doubled;
  for (const auto& e : entries_) {
    if (!e.is_known) unknown.insert(e.order);
    if (e.is_doubled) doubled.insert(e.order);
  }
  if (unknown.empty() && doubled.empty()) return;
  uuid_set seen;
  for_each_mail(c, first_uuid(), [&](db::row r) {
    const auto* order = std::get_if<uuid>(&r[1]);
    if (!order) return;
    const bool is_new = !seen.contains(*order);
    const bool is_unknown = unknown.contains(hash_of(*order));
    const bool is_doubled = doubled.contains(hash_of(*order));
    if ((!is_unknown && !is_doubled) || !is_new) return;
    seen.insert(*order);
    out.add({is_unknown ? "mail_without_order" : "mail_duplicate", "notification",
             std::get<uuid>(r[0]).str(), order->str(), std::get<std::string>(r[2])});
  });
}

std::int64_t check_stock(db::connection& catalog, finding_list& out) {
  std::int64_t count = 0;
  auto after = first_uuid();
  while (after < last_uuid()) {
    auto last = last_uuid();
    catalog.query({&stock_bound, db::params(after, stock_rows)},
                  [&](db::row r) { last = std::get<uuid>(r[0]); });
    std::map<uuid, product_books> books;
    const std::vector<db::statement> all{{&stock_in, db::params(after, last)},
                                         {&ledger_in, db::params(after, last)},
                                         {&holds_in, db::params(after, last)},
                                         {&active_in, db::params(after, last)}};
    catalog.query(all, [&](std::size_t index, db::row r) {
      const auto id = std::get<uuid>(r[0]);
      const auto number = std::get<std::int64_t>(r[1]);
      if (index == 0) {
        const auto* least = std::get_if<std::int64_t>(&r[3]);
        books[id] = {number, std::get<std::int64_t>(r[2]), least && *least == 0};
      } else if (index == 1) {
        books[id].ledger_on_hand = number;
        books[id].ledger_reserved = std::get<std::int64_t>(r[2]);
      } else {
        books[id].held += number;
      }
    });
    for (const auto& [id, b] : books) judge(id, b, out);
    check_levels(catalog, after, last, out);
    count += std::ssize(books);
    after = last;
  }
  return count;
}

}  // namespace stoa::cli
