#include "net/cli/top_view.hpp"

#include "actors/kernel/cluster_view.hpp"
#include "net/cli/import_report.hpp"
#include "net/cli/status_report.hpp"
#include "net/cli/text_table.hpp"

#include <algorithm>

namespace stoa::cli {

void top_view::add(std::vector<kernel::node_state> nodes, time_point when) {
  std::map<partition_name, counters> counted;
  std::map<service_name, rate> rates;
  const double passed = seen_ ? std::chrono::duration<double>(when - *seen_).count() : 0;
  for (const auto& n : nodes) {
    for (const auto& s : n.services) {
      for (const auto& l : s.owned) {
        partition_name name{n.node, s.service, l.partition};
        counted[name] = {l.batches, l.messages};
        const auto before = counted_.find(name);
        if (before == counted_.end() || passed <= 0) continue;
        // Counters restart from 0 with the node.
        const bool is_same_run = before->second.batches <= l.batches;
        const counters base = is_same_run ? before->second : counters{};
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

std::vector<screen_line> top_view::lines(const std::string& url, const std::string& error,
                                         time_point now) const {
  std::string head = "stoa top  " + printable(url);
  if (seen_) {
    head += "  cluster " + (nodes_.empty() ? "" : printable(nodes_.front().cluster)) + "  " +
            std::to_string(nodes_.size()) + (nodes_.size() == 1 ? " node" : " nodes");
  }
  std::vector<screen_line> all{{std::move(head), true}};
  if (!error.empty()) {
    auto why = printable(error) + "; retrying";
    if (seen_) {
      why += ", showing data that is " +
             duration_of(std::chrono::duration_cast<std::chrono::seconds>(now - *seen_).count()) +
             " old";
    }
    all.push_back({std::move(why)});
  }
  if (!seen_) return all;
  all.push_back({});
  auto findings = lines_of(findings_of(nodes_));
  if (!findings.empty()) findings.push_back({});
  std::ranges::move(findings, std::back_inserter(all));
  add_node_table(all, nodes_);
  all.push_back({});
  add_services(all);
  return all;
}

void top_view::add_services(std::vector<screen_line>& to) const {
  const table_row head{"SERVICE", "NODE",      "READS",  "MSG/S", "BATCH/S",        "MSG/BATCH",
                       "MAILBOX", "IN FLIGHT", "OUTBOX", "LAG",   "PARTITION:EPOCH"};
  std::vector<table_row> rows;
  for (const auto& n : nodes_) {
    for (const auto& s : n.services) rows.push_back(service_row(n, s));
  }
  for (const auto& [service, partitions] : kernel::partitions_without_owner(nodes_)) {
    table_row r(head.size());
    r.front() = printable(service);
    r[1] = "(none)";
    for (const auto partition : partitions)
      r.back() += (r.back().empty() ? "" : " ") + std::to_string(partition);
    rows.push_back(std::move(r));
  }
  std::stable_sort(rows.begin(), rows.end(),
                   [](const table_row& a, const table_row& b) { return a.front() < b.front(); });
  rows.insert(rows.begin(), head);
  add_table(to, rows, 3);
}

table_row top_view::service_row(const kernel::node_state& n, const kernel::service_state& s) const {
  std::int64_t mailbox = 0;
  std::int64_t held = 0;
  std::int64_t lag_us = 0;
  std::string partitions;
  for (const auto& l : s.owned) {
    mailbox += l.mailbox;
    held += l.outbox_held;
    lag_us = std::max(lag_us, l.outbox_lag_us);
    partitions += (partitions.empty() ? "" : " ") + std::to_string(l.partition) + ":" +
                  std::to_string(l.epoch);
  }
  table_row r{printable(s.service), printable(n.node), s.readable ? "yes" : "no", "-", "-", "-"};
  if (rates_) {
    const auto found = rates_->find({n.node, s.service});
    const rate of = found == rates_->end() ? rate{} : found->second;
    r[3] = count_of(of.messages);
    r[4] = count_of(of.batches);
    if (of.batches > 0) r[5] = count_of(of.messages / of.batches);
  }
  for (const auto x : {mailbox, s.in_flight, held}) r.push_back(std::to_string(x));
  r.push_back(lag_of(lag_us));
  r.push_back(std::move(partitions));
  return r;
}

}  // namespace stoa::cli
