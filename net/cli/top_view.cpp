#include "net/cli/top_view.hpp"

#include "net/cli/import_report.hpp"
#include "storage/base/text.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <set>

namespace stoa::cli {

namespace {

using row = std::vector<std::string>;
constexpr std::size_t gap = 2;

template <class... Values>
std::string formatted(const char* form, Values... values) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), form, values...);
  return text.data();
}

std::string count_of(double x) {
  return formatted(x < 9.95 ? "%.1f" : "%.0f", x);
}

std::string duration_of(std::int64_t s) {
  constexpr std::int64_t minute = 60;
  constexpr std::int64_t hour = 60 * minute;
  constexpr std::int64_t day = 24 * hour;
  if (s < minute) return std::to_string(s) + "s";
  if (s < hour) return std::to_string(s / minute) + "m";
  if (s < day) return std::to_string(s / hour) + "h" + std::to_string(s % hour / minute) + "m";
  return std::to_string(s / day) + "d" + std::to_string(s % day / hour) + "h";
}

std::string lag_of(std::int64_t us) {
  if (us == 0) return "0";
  const auto ms = static_cast<double>(us) / 1e3;
  return ms < 1000 ? formatted("%.1fms", ms) : formatted("%.1fs", ms / 1e3);
}

/// Adds the rows in columns; those from `right_from` on are numbers, but the last one.
void add_table(std::vector<screen_line>& to, const std::vector<row>& rows, std::size_t right_from) {
  std::vector<std::size_t> widths(rows.front().size());
  for (const auto& r : rows) {
    for (std::size_t i = 0; i < r.size(); ++i) {
      widths[i] = std::max(widths[i], text::code_points(r[i]));
    }
  }
  for (const auto& r : rows) {
    std::string line;
    for (std::size_t i = 0; i < r.size(); ++i) {
      const std::string blanks(widths[i] - text::code_points(r[i]), ' ');
      const bool right = i >= right_from && i + 1 < r.size();
      line += right ? blanks + r[i] : r[i] + blanks;
      line += std::string(gap, ' ');
    }
    line.erase(line.find_last_not_of(' ') + 1);
    to.push_back({std::move(line), &r == &rows.front()});
  }
}

/// Lanes of each service that no node says it has.
std::map<std::string, std::string> ownerless(const std::vector<kernel::node_state>& nodes) {
  std::map<std::string, std::pair<std::int64_t, std::set<std::int64_t>>> known;
  for (const auto& n : nodes) {
    for (const auto& s : n.services) {
      auto& [lanes, owned] = known[s.service];
      lanes = std::max(lanes, s.lanes);
      for (const auto& l : s.owned) owned.insert(l.lane);
    }
  }
  std::map<std::string, std::string> found;
  for (const auto& [service, of] : known) {
    for (std::int64_t i = 0; i < of.first; ++i) {
      if (!of.second.contains(i)) found[service] += " " + std::to_string(i);
    }
  }
  return found;
}

}  // namespace

void top_view::add(std::vector<kernel::node_state> nodes, time_point when) {
  std::map<lane_name, counters> counted;
  std::map<service_name, rate> rates;
  const double passed = seen_ ? std::chrono::duration<double>(when - *seen_).count() : 0;
  for (const auto& n : nodes) {
    for (const auto& s : n.services) {
      for (const auto& l : s.owned) {
        lane_name name{n.node, s.service, l.lane};
        counted[name] = {l.batches, l.messages};
        const auto before = counted_.find(name);
        if (before == counted_.end() || passed <= 0) continue;
        // A node that was started again counts from 0.
        const bool goes_on = before->second.batches <= l.batches;
        const counters base = goes_on ? before->second : counters{};
        auto& r = rates[{n.node, s.service}];
        r.batches += static_cast<double>(l.batches - base.batches) / passed;
        r.messages += static_cast<double>(l.messages - base.messages) / passed;
      }
    }
  }
  if (seen_) rates_ = std::move(rates);
  seen_ = when;
  counted_ = std::move(counted);
  nodes_ = std::move(nodes);
  std::sort(nodes_.begin(), nodes_.end(),
            [](const auto& a, const auto& b) { return a.node < b.node; });
}

std::vector<screen_line> top_view::lines(const std::string& url, const std::string& trouble,
                                         time_point now) const {
  std::string head = "stoa top  " + printable(url);
  if (seen_) {
    head += "  cluster " + (nodes_.empty() ? "" : printable(nodes_.front().cluster)) + "  " +
            std::to_string(nodes_.size()) + (nodes_.size() == 1 ? " node" : " nodes");
  }
  std::vector<screen_line> all{{std::move(head), true}};
  if (!trouble.empty()) {
    auto why = printable(trouble) + "; trying again";
    if (seen_) {
      why += ", what follows is " +
             duration_of(std::chrono::duration_cast<std::chrono::seconds>(now - *seen_).count()) +
             " old";
    }
    all.push_back({std::move(why)});
  }
  if (!seen_) return all;
  all.push_back({});
  add_nodes(all);
  all.push_back({});
  add_services(all);
  return all;
}

void top_view::add_nodes(std::vector<screen_line>& to) const {
  std::vector<row> rows{{"NODE", "VERSION", "STATE", "UP", "LANES", "EVENTS BY"}};
  for (const auto& n : nodes_) {
    std::size_t lanes = 0;
    for (const auto& s : n.services) lanes += s.owned.size();
    rows.push_back({printable(n.node), printable(n.version), n.leaving ? "leaving" : "serving",
                    duration_of(n.up_s), std::to_string(lanes), printable(n.bus)});
  }
  add_table(to, rows, 3);
}

void top_view::add_services(std::vector<screen_line>& to) const {
  const row head{"SERVICE", "NODE",      "READS",  "MSG/S", "BATCH/S",   "MSG/BATCH",
                 "MAILBOX", "IN FLIGHT", "OUTBOX", "LAG",   "LANE:EPOCH"};
  std::vector<row> rows;
  for (const auto& n : nodes_) {
    for (const auto& s : n.services) rows.push_back(service_row(n, s));
  }
  for (const auto& [service, lanes] : ownerless(nodes_)) {
    row r(head.size());
    r.front() = printable(service);
    r[1] = "(nobody)";
    r.back() = lanes.substr(1);
    rows.push_back(std::move(r));
  }
  std::stable_sort(rows.begin(), rows.end(),
                   [](const row& a, const row& b) { return a.front() < b.front(); });
  rows.insert(rows.begin(), head);
  add_table(to, rows, 3);
}

row top_view::service_row(const kernel::node_state& n, const kernel::service_state& s) const {
  std::int64_t mailbox = 0;
  std::int64_t held = 0;
  std::int64_t lag_us = 0;
  std::string lanes;
  for (const auto& l : s.owned) {
    mailbox += l.mailbox;
    held += l.outbox_held;
    lag_us = std::max(lag_us, l.outbox_lag_us);
    lanes += (lanes.empty() ? "" : " ") + std::to_string(l.lane) + ":" + std::to_string(l.epoch);
  }
  row r{printable(s.service), printable(n.node), s.readable ? "yes" : "no", "-", "-", "-"};
  if (rates_) {
    const auto found = rates_->find({n.node, s.service});
    const rate of = found == rates_->end() ? rate{} : found->second;
    r[3] = count_of(of.messages);
    r[4] = count_of(of.batches);
    if (of.batches > 0) r[5] = count_of(of.messages / of.batches);
  }
  for (const auto x : {mailbox, s.in_flight, held}) r.push_back(std::to_string(x));
  r.push_back(lag_of(lag_us));
  r.push_back(std::move(lanes));
  return r;
}

}  // namespace stoa::cli
