// `stoa check`: cross-checks all records of a store, whether or not it is being served.

#include "net/cli/check.hpp"

#include "net/cli/check_events.hpp"
#include "net/cli/check_repair.hpp"
#include "net/cli/commands.hpp"
#include "net/cli/data_lock.hpp"
#include "net/cli/databases.hpp"
#include "net/cli/store_parts.hpp"
#include "storage/base/json_write.hpp"
#include "storage/base/utf8.hpp"
#include "storage/base/uuid_time.hpp"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <thread>

namespace stoa::cli {

namespace {

/// Services are read one after another, so work in progress looks inconsistent. While the store is
/// in use, suspicious entries are read again this often, with a pause longer than the work takes.
constexpr int rechecks = 3;
constexpr seconds recheck_pause{1};
/// Tolerated difference between the nodes' clocks. A notification is created after its order.
constexpr std::int64_t clock_slack_us = 3'600'000'000;

check_times limits_of(const settings& s) {
  check_times t;
  t.pending_max = s.payment.give_up_s * 1'000'000;
  t.give_up = t.pending_max;
  t.attempt_max = (s.payment.retry_ms_max + s.payment.gateway_timeout_ms) * 1000;
  return t;
}

void read_clocks(const check_sources& from, check_times& t) {
  t.orders_now = from.now("order");
  t.payments_now = from.now("payment");
  t.mails_now = from.now("notification");
}

/// Findings that depend on several services, by the id to recheck.
using suspects = std::map<std::string, std::vector<finding>>;

std::string subject_of(const finding& f) {
  const bool of_charge = f.code.starts_with("charge_") || f.code.starts_with("refund_") ||
                         f.code.starts_with("ledger_");
  const bool by_order = f.code == "charge_without_order" || f.code == "refund_declined";
  return of_charge && !by_order ? f.id : f.order_id.value_or(f.id);
}

class store_check {
 public:
  store_check(const settings& s, const check_sources& from, const check_choices& choices)
      : settings_(s), from_(from), times_(limits_of(s)), choices_(choices) {
    read_clocks(from, times_);
  }

  finding_list run(check_report& report) {
    const auto begun = std::chrono::steady_clock::now();
    const auto before = read_all_partitions(from_);
    finding_list all;
    check_all(all, report);
    report.store_id = check_events(from_, choices_.overdue_s * 1'000'000, all);
    if (is_owned(before)) {
      std::this_thread::sleep_until(begun + milliseconds{settings_.cluster.lease_ms});
    }
    const auto after = read_all_partitions(from_);
    check_partitions(from_, before, after, all);
    report.in_use = has_moved(before, after);
    for (int i = 0; report.in_use && !suspicious_.empty() && i < rechecks; ++i) {
      std::this_thread::sleep_for(recheck_pause);
      recheck_suspicious();
      ++report.looks;
    }
    all.add(std::move(suspicious_));
    return all;
  }

 private:
  bool is_owned(const partition_map& partitions) const {
    for (const auto& [service, rows] : partitions) {
      if (!from_.is_shared(service)) continue;
      if (std::ranges::any_of(rows, [](const auto& l) { return !l.owner.empty(); })) return true;
    }
    return false;
  }

  void check_all(finding_list& all, check_report& report) {
    // Later orders are skipped; otherwise a check of a busy store might not end.
    const auto last_order = last_order_id(from_);
    mail_index mails;
    report.read["notifications"] = mails.read(from_.of("notification"), 0, last_order, times_, all);
    auto& orders = report.read["orders"];
    read_order_books(from_, first_uuid(), last_order, orders_in_flight(from_), mails,
                     [&](const order_books& b) {
                       orders += b.order ? 1 : 0;
                       judge(b, times_, suspicious_);
                     });
    mails.add_findings(from_.of("notification"), suspicious_);
    auto& payments = report.read["payments"];
    if (from_.ledger() == nullptr) {
      report.not_checked.push_back("the gateway's records: " + ledger_of(settings_).string() +
                                   " not found on this machine");
    }
    read_payment_books(from_, first_uuid(), last_payment_id(from_), [&](const payment_books& b) {
      payments += b.payment ? 1 : 0;
      judge(b, suspicious_);
    });
    report.read["balances"] = check_ledger(from_.of("payment"), all);
    if (from_.carts_in_redis()) report.not_checked.emplace_back("lines of carts in Redis");
    report.read["products"] = check_stock(from_.of("catalog"), all);
    report.read["earlier_handles"] = check_handles(from_.of("catalog"), all);
    report.read["exports"] = check_exports(from_.of("catalog"), all);
    report.read["media_files"] = check_media(settings_, from_.of("catalog"), report, all);
    report.read["promotions"] = check_promotions(from_.of("pricing"), all);
    report.read["price_lists"] = check_price_lists(from_.of("pricing"), all);
    const timestamp overdue{from_.now("catalog") - choices_.overdue_s * 1'000'000};
    check_deleted_prices(from_.of("catalog"), from_.of("pricing"), overdue, all);
  }

  /// Drops the findings that have disappeared.
  void recheck_suspicious() {
    read_clocks(from_, times_);
    suspects by_subject;
    std::int64_t oldest = times_.mails_now;
    for (const auto& f : suspicious_.kept()) {
      const auto subject = subject_of(f);
      by_subject[subject].push_back(f);
      if (const auto id = uuid::parse(subject)) oldest = std::min(oldest, time_of(*id).us);
    }
    finding_list ignored;
    mail_index mails;
    mails.read(from_.of("notification"), oldest - clock_slack_us, last_uuid(), times_, ignored);
    const auto in_flight = orders_in_flight(from_);
    finding_list now;
    for (const auto& [subject, found] : by_subject) {
      const auto id = uuid::parse(subject);
      if (!id) {
        for (const auto& f : found) now.add(f);
        continue;
      }
      recheck_subject(*id, in_flight, mails, found, now);
    }
    suspicious_ = std::move(now);
  }

  void recheck_subject(uuid id, const uuid_set& in_flight, mail_index& mails,
                       const std::vector<finding>& found, finding_list& now) {
    finding_list again;
    bool is_stored = false;
    read_order_books(from_, before(id), id, in_flight, mails, [&](const order_books& b) {
      is_stored = b.order.has_value();
      judge(b, times_, again);
    });
    read_payment_books(from_, before(id), id, [&](const payment_books& b) { judge(b, again); });
    for (const auto& f : found) {
      const bool is_mail = f.code == "mail_without_order" || f.code == "mail_duplicate";
      const bool is_same = std::ranges::any_of(
          again.kept(), [&](const finding& a) { return a.code == f.code && a.id == f.id; });
      if (is_mail ? f.code == "mail_duplicate" || !is_stored : is_same) now.add(f);
    }
  }

  const settings& settings_;
  const check_sources& from_;
  check_times times_;
  const check_choices& choices_;
  finding_list suspicious_;
};

/// Checks the store's files, unless a process is using them.
void check_parts(const settings& s, finding_list& out) {
  if (s.data.store != "sqlite" || is_data_in_use(s.data.dir)) return;
  for (const auto& problem : problems_of(inspect_store(s))) {
    out.add({"store_part", "store", s.data.dir, std::nullopt, problem});
  }
}

}  // namespace

finding_list check_books(const settings& s, const check_choices& choices, check_report& report) {
  report.checked_at = system_time().now();
  finding_list all;
  check_parts(s, all);
  if (!all.empty()) {
    report.not_checked.emplace_back(
        "the records, because parts of the store are missing or damaged");
    return all;
  }
  const check_sources from(s);
  auto found = store_check(s, from, choices).run(report);
  found.drop(choices.ignored);
  return found;
}

namespace {

/// True when every finding has a repair and all repairs succeeded.
bool is_settled(const finding_list& found, const check_report& report) {
  std::set<std::string> repaired;
  for (const auto& r : report.repairs) {
    if (!r.done) return false;
    repaired.insert(r.codes.begin(), r.codes.end());
  }
  return std::ranges::all_of(found.counts(),
                             [&](const auto& count) { return repaired.contains(count.first); });
}

}  // namespace

int run_check(const settings& s, const check_options& o, const repair_choices& repair) {
  if (repair.wanted && !repair.dry_run && repair.server.url.empty()) {
    std::fputs("stoa: --repair needs a running server: add --url and --user\n", stderr);
    return exit_usage;
  }
  if (s.data.store == "sqlite" && !std::filesystem::exists(s.data.dir)) {
    std::fprintf(stderr, "stoa: no store in %s\n", printable(s.data.dir).c_str());
    return exit_failed;
  }
  for (const auto& code : o.choices.ignored) {
    const auto kinds = finding_kinds();
    if (std::ranges::find(kinds, code, &finding_kind::code) == kinds.end()) {
      std::fprintf(stderr, "stoa: --ignore: unknown finding code %s\n", printable(code).c_str());
      return exit_usage;
    }
  }
  check_report report;
  const auto found = check_books(s, o.choices, report);
  show_findings(found, o.shown_max, report);
  if (repair.wanted) repair_books(repair, found, report);
  const auto text = o.json ? json::write(report) + "\n" : report_text(report);
  std::fputs(text.c_str(), stdout);
  return is_settled(found, report) ? exit_done : exit_partly;
}

}  // namespace stoa::cli
