// `stoa check --repair`: each repair is a request to a running server, which validates it.

#include "net/cli/check_repair.hpp"

#include "net/cli/server_session.hpp"
#include "storage/base/json_read.hpp"
#include "storage/base/json_write.hpp"

#include <set>
#include <stdexcept>

namespace stoa::cli {

namespace {

constexpr std::chrono::seconds step_limit{20};
constexpr const char* reason = "stoa check --repair";

struct repair_step {
  repair_action action = repair_action::none;
  std::string id;  ///< the order's, or the payment's of a refund
  std::set<std::string> codes;
  std::vector<std::string> mails;
  std::vector<std::string> products;
};

/// Notifications that a redrive can create.
bool can_be_redriven(const std::string& mail) {
  return mail == "confirmed" || mail == "shipped" || mail == "delivered" || mail == "cancelled";
}

/// Groups the findings into one step per action and order.
std::vector<repair_step> plan(const finding_list& found, bool refunds) {
  std::map<std::pair<repair_action, std::string>, repair_step> steps;
  for (const auto& f : found.kept()) {
    const auto action = kind_of(f.code).repair;
    const bool is_refund = action == repair_action::refund;
    const bool needs_refunds = is_refund || action == repair_action::restock;
    if (action == repair_action::none || !f.order_id || (needs_refunds && !refunds)) continue;
    if (f.code == "mail_missing" && !can_be_redriven(f.detail)) continue;
    const auto& id = is_refund ? f.id : *f.order_id;
    auto& step = steps[{action, id}];
    step.action = action;
    step.id = id;
    step.codes.insert(f.code);
    if (f.code == "mail_missing") step.mails.push_back(f.detail);
    if (f.product_id) step.products.push_back(*f.product_id);
  }
  std::vector<repair_step> all;
  all.reserve(steps.size());
  for (auto& [key, step] : steps) all.push_back(std::move(step));
  return all;
}

struct redrive_question {
  std::string reason;
  std::optional<std::vector<std::string>> mails;
};
BOOST_DESCRIBE_STRUCT(redrive_question, (), (reason, mails))
struct release_question {
  std::vector<std::string> product_ids;
  std::string reason;
};
BOOST_DESCRIBE_STRUCT(release_question, (), (product_ids, reason))
struct refund_question {
  std::string reason;
};
BOOST_DESCRIBE_STRUCT(refund_question, (), (reason))
struct redrive_answer {
  std::string status;
  std::vector<std::string> done;
};
BOOST_DESCRIBE_STRUCT(redrive_answer, (), (status, done))

http_request question_of(const repair_step& step) {
  http_request q;
  q.method = "POST";
  const auto order = "/admin/v1/orders/" + step.id;
  if (step.action == repair_action::redrive) {
    redrive_question body{reason, std::nullopt};
    if (!step.mails.empty()) body.mails = step.mails;
    q.target = order + "/redrive";
    q.body = json::write(body);
  } else if (step.action == repair_action::refund) {
    q.target = "/admin/v1/payments/" + step.id + "/refund";
    q.body = json::write(refund_question{reason});
  } else {
    q.target = order + "/release-reservation";
    q.body = json::write(release_question{step.products, reason});
  }
  return q;
}

/// Stores the outcome in the view.
void run(server_session& session, const repair_step& step, repair_view& view) {
  const auto reply = session.call(question_of(step), step_limit);
  view.done = reply.status == 200 || reply.status == 204;
  view.outcome = view.done ? "done" : reason_of(reply);
  if (reply.status != 200) return;
  const auto answer = json::read_lenient<redrive_answer>(reply.body);
  if (!answer) return;
  view.outcome = "the order is " + answer->status;
  for (const auto& d : answer->done) view.outcome += "; " + d;
}

}  // namespace

void repair_books(const repair_choices& choices, const finding_list& found, check_report& report) {
  const auto steps = plan(found, choices.refunds);
  if (steps.empty()) return;
  std::unique_ptr<server_session> session;
  if (!choices.dry_run) {
    auto opened = open_session(choices.server);
    if (!opened) throw std::runtime_error(opened.error().detail);
    session = std::move(*opened);
  }
  for (const auto& step : steps) {
    auto& view = report.repairs.emplace_back();
    view.action = enum_name(step.action);
    view.id = step.id;
    view.codes.assign(step.codes.begin(), step.codes.end());
    view.outcome = "would be done (--dry-run)";
    if (session) run(*session, step, view);
  }
}

}  // namespace stoa::cli
