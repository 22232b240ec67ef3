#pragma once
// Findings of `stoa check`: stable codes, meanings and recommended actions.

#include "storage/base/describe.hpp"
#include "storage/base/time.hpp"
#include "storage/base/uuid.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace stoa::cli {

/// `error`: the records contradict each other, or work is stuck and will not recover by itself.
/// `warning`: needs a person's attention.
enum class severity { error, warning };
BOOST_DESCRIBE_ENUM(severity, error, warning)

/// What `--repair` does about a finding. `refund` and `restock` reverse orders that are not stored,
/// and also need `--refunds`.
enum class repair_action { none, redrive, release, refund, restock };
BOOST_DESCRIBE_ENUM(repair_action, none, redrive, release, refund, restock)

struct finding_kind {
  std::string_view code;  ///< stable; used by scripts
  severity level;
  repair_action repair;
  std::string_view meaning;
  std::string_view action;  ///< recommended to the operator
};
std::span<const finding_kind> finding_kinds();
/// The code must be in the table.
const finding_kind& kind_of(std::string_view code);

struct finding {
  std::string code;
  std::string service;
  std::string id;                       ///< of the subject: an order, a payment, an event, ...
  std::optional<std::string> order_id;  ///< the order concerned
  std::string detail;
  std::optional<std::string> product_id = std::nullopt;  ///< of a reservation

  bool operator==(const finding&) const = default;
};
BOOST_DESCRIBE_STRUCT(finding, (), (code, service, id, order_id, detail, product_id))

/// Keeps the first findings of each code, to bound memory, and counts all.
class finding_list {
 public:
  static constexpr std::int64_t kept_max = 5000;  ///< per code

  void add(finding f);
  /// Moves the other list's findings to the end of this one.
  void add(finding_list other);
  const std::vector<finding>& kept() const { return kept_; }
  /// By code, including findings that were not kept.
  const std::map<std::string, std::int64_t>& counts() const { return counts_; }
  bool empty() const { return counts_.empty(); }
  void drop(const std::vector<std::string>& codes);

 private:
  std::vector<finding> kept_;
  std::map<std::string, std::int64_t> counts_;
};

struct kind_view {
  stoa::cli::severity severity = severity::error;
  std::int64_t count = 0;
  std::string meaning;
  std::string action;
};
BOOST_DESCRIBE_STRUCT(kind_view, (), (severity, count, meaning, action))

/// One repair.
struct repair_view {
  std::string action;              ///< redrive, release, refund, restock
  std::string id;                  ///< the order, or for a refund the payment
  std::vector<std::string> codes;  ///< of the findings that caused it
  bool done = false;
  std::string outcome;
};
BOOST_DESCRIBE_STRUCT(repair_view, (), (action, id, codes, done, outcome))

/// The whole report, in the form that `--json` prints.
struct check_report {
  std::int64_t format = 1;
  std::string store_id;
  timestamp checked_at;
  bool in_use = false;                       ///< something was committed during the check
  std::int64_t looks = 1;                    ///< how often suspicious entries were read
  std::map<std::string, std::int64_t> read;  ///< number of records read: orders, payments, ...
  std::vector<std::string> not_checked;      ///< with the reason
  std::map<std::string, kind_view> codes;    ///< of the findings
  std::vector<finding> findings;             ///< the first of each code
  std::vector<repair_view> repairs;
};
BOOST_DESCRIBE_STRUCT(check_report, (),
                      (format, store_id, checked_at, in_use, looks, read, not_checked, codes,
                       findings, repairs))

/// Adds the findings to the report, at most `shown_max` per code.
void show_findings(const finding_list& all, std::int64_t shown_max, check_report& report);
/// The report as text.
std::string report_text(const check_report& report);

}  // namespace stoa::cli
