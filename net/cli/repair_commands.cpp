#include "net/cli/repair_commands.hpp"

#include "net/cli/commands.hpp"
#include "net/cli/fetch_nodes.hpp"
#include "net/cli/next_page.hpp"
#include "net/cli/server_session.hpp"
#include "net/http/percent.hpp"
#include "storage/base/describe.hpp"
#include "storage/base/json_read.hpp"
#include "storage/base/json_write.hpp"
#include "storage/base/order_number.hpp"
#include "storage/base/utf8.hpp"

#include <cstdio>
#include <set>

namespace stoa::cli {

namespace {

constexpr std::chrono::seconds call_limit{30};
constexpr int pages_max = 10'000;
/// After this many consecutive batches without new letters, the service is considered unavailable.
constexpr int idle_slices_max = 5;

int failed(const std::string& why, int code = exit_failed) {
  std::fprintf(stderr, "stoa: %s\n", printable(why).c_str());
  return code;
}

std::optional<std::string> some(const std::string& text) {
  if (text.empty()) return std::nullopt;
  return text;
}

http_reply ask(server_session& session, const char* method, std::string target,
               std::string body = {}) {
  http_request q;
  q.method = method;
  q.target = std::move(target);
  q.body = std::move(body);
  return session.call(std::move(q), call_limit);
}

http_reply ask_or_throw(server_session& session, const char* method, std::string target,
                        std::string body = {}) {
  auto reply = ask(session, method, std::move(target), std::move(body));
  if (reply.status != 200) throw std::runtime_error(reason_of(reply));
  return reply;
}

template <class T>
T parsed(const http_reply& reply) {
  auto answer = json::read_lenient<T>(reply.body);
  if (!answer) throw std::runtime_error("cannot parse the response: " + answer.error().detail);
  return std::move(*answer);
}

struct node_time {
  std::int64_t time_us = 0;
  static constexpr std::string_view defaults[] = {"time_us"};
};
BOOST_DESCRIBE_STRUCT(node_time, (), (time_us))
struct node_times {
  std::vector<node_time> data;
};
BOOST_DESCRIBE_STRUCT(node_times, (), (data))

/// The clock of the store's databases, which stamps records; the local clock may be wrong.
timestamp store_time_of(server_session& session) {
  const auto nodes = json::read_lenient<node_times>(fetch_nodes(session));
  if (nodes) {
    for (const auto& n : nodes->data) {
      if (n.time_us > 0) return {n.time_us};
    }
  }
  return system_time().now();
}

// --- orders

struct cause_answer {
  std::string code;
  std::string detail;
};
BOOST_DESCRIBE_STRUCT(cause_answer, (), (code, detail))
struct redrive_answer {
  std::string status;
  std::vector<cause_answer> causes;
  std::vector<std::string> done;
};
BOOST_DESCRIBE_STRUCT(redrive_answer, (), (status, causes, done))
struct redrive_question {
  std::optional<std::string> reason;
};
BOOST_DESCRIBE_STRUCT(redrive_question, (), (reason))

struct order_answer {
  std::string order_id;
};
BOOST_DESCRIBE_STRUCT(order_answer, (), (order_id))
struct order_list_answer {
  std::vector<order_answer> data;
};
BOOST_DESCRIBE_STRUCT(order_list_answer, (), (data))

/// The order's id, given its id or number.
std::string order_id_of(server_session& session, const std::string& name) {
  if (!parse_order_number(name)) return name;
  const auto found = parsed<order_list_answer>(
      ask_or_throw(session, "GET", "/admin/v1/orders?order_number=" + http::percent_encode(name)));
  if (found.data.empty()) throw std::runtime_error("no order with number " + name);
  return found.data.front().order_id;
}

bool redrive_one(server_session& session, const std::string& id, const redrive_options& o) {
  const auto reply =
      ask(session, "POST", "/admin/v1/orders/" + http::percent_encode(id) + "/redrive",
          json::write(redrive_question{some(o.reason)}));
  if (reply.status != 200) {
    failed("order " + id + ": " + reason_of(reply));
    return false;
  }
  const auto answer = parsed<redrive_answer>(reply);
  std::printf("order %s is %s\n", printable(id).c_str(), printable(answer.status).c_str());
  for (const auto& c : answer.causes) {
    std::printf("  %s: %s\n", printable(c.code).c_str(), printable(c.detail).c_str());
  }
  if (answer.causes.empty() && answer.done.empty()) {
    std::printf("  nothing to do: the order is not stuck\n");
  }
  for (const auto& d : answer.done) std::printf("  -> %s\n", printable(d).c_str());
  return true;
}

int redrive_all(server_session& session, const redrive_options& o) {
  const auto before = store_time_of(session) - seconds{o.older_than_s};
  const auto first =
      "/admin/v1/orders?limit=100&status=Pending&created_to=" + http::percent_encode(before.str());
  std::size_t orders = 0;
  bool all = true;
  // Collect the ids first: an order that advances leaves the list.
  std::vector<std::string> ids;
  std::string target = first;
  for (int page = 0; !target.empty() && page < pages_max; ++page) {
    const auto reply = ask_or_throw(session, "GET", target);
    for (auto& order : parsed<order_list_answer>(reply).data) {
      ids.push_back(std::move(order.order_id));
    }
    target = next_page(reply);
  }
  for (const auto& id : ids) {
    all = redrive_one(session, id, o) && all;
    ++orders;
  }
  std::printf("%zu orders had been Pending for more than %lld s\n", orders,
              static_cast<long long>(o.older_than_s));
  return all ? exit_done : exit_partly;
}

// --- dead letters

struct letter_answer {
  std::string service;
  std::string event_id;
  std::string type;
  std::string error;
  std::int64_t attempts = 0;
  std::string failed_at;
};
BOOST_DESCRIBE_STRUCT(letter_answer, (), (service, event_id, type, error, attempts, failed_at))
struct letter_list_answer {
  std::vector<letter_answer> data;
};
BOOST_DESCRIBE_STRUCT(letter_list_answer, (), (data))

struct choice_question {
  std::optional<std::string> service;
  std::optional<std::vector<std::string>> event_ids;
  std::optional<std::string> type;
  std::optional<std::string> error;
  std::optional<std::string> mentions;
  std::optional<std::string> failed_before;
  std::optional<std::string> reason;
};
BOOST_DESCRIBE_STRUCT(choice_question, (),
                      (service, event_ids, type, error, mentions, failed_before, reason))

struct outcome_answer {
  std::string service;
  std::string event_id;
  bool done = false;
  std::optional<std::string> code;
  std::optional<std::string> error;
};
BOOST_DESCRIBE_STRUCT(outcome_answer, (), (service, event_id, done, code, error))
struct outcomes_answer {
  std::vector<outcome_answer> data;
  bool more = false;
};
BOOST_DESCRIBE_STRUCT(outcomes_answer, (), (data, more))

int list_letters(server_session& session, const dead_letter_options& o) {
  std::string target = "/admin/v1/events/dead-letters?limit=100";
  for (const auto& [name, text] :
       {std::pair{"service", &o.service}, std::pair{"type", &o.type}, std::pair{"error", &o.error},
        std::pair{"mentions", &o.mentions}, std::pair{"failed_before", &o.failed_before}}) {
    if (!text->empty()) target += std::string("&") + name + "=" + http::percent_encode(*text);
  }
  std::size_t letters = 0;
  for (int page = 0; !target.empty() && page < pages_max; ++page) {
    const auto reply = ask_or_throw(session, "GET", target);
    if (o.json) std::printf("%s\n", reply.body.c_str());
    for (const auto& l : parsed<letter_list_answer>(reply).data) {
      ++letters;
      if (o.json) continue;
      std::printf("%-12s %s %s, %lld attempts, last %s: %s\n", printable(l.service).c_str(),
                  printable(l.event_id).c_str(), printable(l.type).c_str(),
                  static_cast<long long>(l.attempts), printable(l.failed_at).c_str(),
                  printable(l.error).c_str());
    }
    target = next_page(reply);
  }
  if (!o.json) std::printf("%zu dead letters\n", letters);
  return exit_done;
}

int settle_letters(server_session& session, letters_action action, const dead_letter_options& o) {
  const bool discards = action == letters_action::discard;
  choice_question q{some(o.service),       {}, some(o.type), some(o.error), some(o.mentions),
                    some(o.failed_before), {}};
  if (!o.event_id.empty()) q.event_ids = std::vector{o.event_id};
  if (discards) q.reason = o.reason;
  const auto target =
      std::string("/admin/v1/events/dead-letters/") + (discards ? "discard" : "replay");
  // Do not select a letter that fails again.
  if (!discards && o.event_id.empty() && !q.failed_before) {
    q.failed_before = store_time_of(session).str();
  }
  std::size_t done = 0;
  std::set<std::string> kept;
  int idle = 0;
  bool more = true;
  while (more && idle < idle_slices_max) {
    const auto answer =
        parsed<outcomes_answer>(ask_or_throw(session, "POST", target, json::write(q)));
    const auto before = done + kept.size();
    std::size_t gone = 0;
    for (const auto& one : answer.data) {
      const bool is_gone =
          one.code == "not_found" && o.event_id.empty();  // Settled by another command.
      done += one.done ? 1 : 0;
      gone += is_gone ? 1 : 0;
      if (one.done || is_gone || !kept.insert(one.service + " " + one.event_id).second) continue;
      std::printf("%s %s failed: %s\n", printable(one.service).c_str(),
                  printable(one.event_id).c_str(), printable(one.error.value_or("")).c_str());
    }
    idle = done + kept.size() + gone > before ? 0 : idle + 1;
    more = answer.more;
  }
  std::printf("%zu dead letters %s, %zu failed\n", done, discards ? "discarded" : "applied",
              kept.size());
  if (more) std::puts("there may be more: the service does not respond");
  return kept.empty() && !more ? exit_done : exit_partly;
}

}  // namespace

int run_order_redrive(const redrive_options& o) {
  if (o.order.empty() != o.all_stuck) {
    return failed("specify either ORDER or --all-stuck", exit_usage);
  }
  return in_session(o.server, [&](server_session& session) {
    if (o.all_stuck) return redrive_all(session, o);
    return redrive_one(session, order_id_of(session, o.order), o) ? exit_done : exit_partly;
  });
}

int run_dead_letters(letters_action action, const dead_letter_options& o) {
  const bool chooses = !o.service.empty() || !o.type.empty() || !o.error.empty() ||
                       !o.mentions.empty() || !o.failed_before.empty();
  if (action == letters_action::discard && !chooses) {
    return failed(
        "specify which letters to discard: --service, --type, --error, --mentions or "
        "--failed-before",
        exit_usage);
  }
  return in_session(o.server, [&](server_session& session) {
    if (action == letters_action::list) return list_letters(session, o);
    return settle_letters(session, action, o);
  });
}

}  // namespace stoa::cli
