#include "net/cli/check_events.hpp"

#include "storage/db/columns.hpp"
#include "storage/kernel/kernel_store.hpp"
#include "storage/kernel/lane_store.hpp"
#include "storage/kernel/member_store.hpp"

#include <algorithm>
#include <set>

namespace stoa::cli {

namespace {

constexpr std::int64_t outbox_page = 500;
constexpr std::size_t letters_page = 500;

/// Redis answers it by its name, as the relay's.
const db::sql read_outbox{"read outbox", "SELECT " + db::column_list<kernel::outbox_row>() +
                                             " FROM outbox WHERE lane=$1 AND seq>$2"
                                             " ORDER BY seq LIMIT $3"};
/// In one statement, so that both are of one moment.
const db::sql beyond_lane{
    "events beyond the lane",
    "SELECT o.lane,o.seq,coalesce(l.last_seq,0) FROM outbox o LEFT JOIN lane l"
    " ON l.lane=o.lane WHERE l.lane IS NULL OR o.seq>l.last_seq ORDER BY o.lane,o.seq LIMIT 10"};
/// Redis answers it by its name.
const db::sql last_applied{"last applied event", "SELECT max(seq) FROM inbox WHERE source=$1"};

/// The outboxes ("order/0") whose events the service has applied, each with the greatest number.
using applied_map = std::map<std::string, std::int64_t>;

applied_map read_applied(db::connection& c, const lane_map& lanes) {
  applied_map applied;
  for (const auto& [producer, rows] : lanes) {
    for (const auto& lane : rows) {
      const auto source = producer + "/" + std::to_string(lane.lane);
      c.query({&last_applied, db::params(source)}, [&](db::row r) {
        if (const auto* seq = std::get_if<std::int64_t>(&r[0])) applied[source] = *seq;
      });
    }
  }
  return applied;
}

void check_applied(const std::string& consumer, const applied_map& applied, const lane_map& lanes,
                   finding_list& out) {
  for (const auto& [producer, rows] : lanes) {
    for (const auto& lane : rows) {
      const auto source = producer + "/" + std::to_string(lane.lane);
      const auto seq = applied.find(source);
      if (seq == applied.end() || lane.last_seq >= seq->second) continue;
      out.add({"event_unknown_to_producer", consumer, source, std::nullopt,
               "applied up to number " + std::to_string(seq->second) + ", the producer's last is " +
                   std::to_string(lane.last_seq)});
    }
  }
}

/// Whether the databases are those of one store, and each has its partitions. Returns its id.
std::string check_members(const check_sources& from, const lane_map& lanes, finding_list& out) {
  std::map<std::string, kernel::member_map> all;
  std::set<std::string> seen;
  std::string store_id;
  for (const auto& [service, rows] : lanes) {
    all[service] = kernel::read_members(from.of(service));
    for (const auto& [member, id] : all[service]) {
      seen.insert(member);
      if (store_id.empty()) store_id = id;
      if (id == store_id) continue;
      out.add({"store_id_differs", service, id, std::nullopt,
               "the entry of the service " + member + "; others have " + store_id});
    }
  }
  for (const auto& [service, rows] : lanes) {
    if (!seen.contains(service)) continue;  // No node has served it.
    if (!all[service].contains(service)) {
      out.add({"store_id_differs", service, service, std::nullopt,
               "it has no store's id, although databases of other services have seen it with one"});
    }
    if (rows.empty()) {
      out.add({"store_part", service, service, std::nullopt, "its database has no partitions"});
    }
  }
  return store_id;
}

void check_outbox(db::connection& c, const std::string& service, std::int64_t lane,
                  std::int64_t now, std::int64_t overdue_us, finding_list& out) {
  std::int64_t after = 0;
  std::vector<kernel::outbox_row> page;
  do {
    page = db::select<kernel::outbox_row>(c, read_outbox, db::params(lane, after, outbox_page));
    for (const auto& e : page) {
      after = e.seq;
      if (now - e.created_at.us <= overdue_us) continue;
      out.add({"outbox_overdue", service, e.event_id.str(), std::nullopt,
               e.type + " of " + e.aggregate_id.str() + ", emitted " + e.created_at.str()});
    }
  } while (std::ssize(page) == outbox_page);
}

void check_letters(db::connection& c, const std::string& service, finding_list& out) {
  std::optional<stoa::event_id> last;
  std::vector<kernel::dead_letter_row> page;
  do {
    page = kernel::list_dead_letters(c, last, letters_page);
    for (const auto& letter : page) {
      last = letter.event_id;
      out.add({"dead_letter", service, letter.event_id.str(), std::nullopt,
               letter.type + " of " + letter.aggregate_id.str() + ": " + letter.error});
    }
  } while (page.size() == letters_page);
}

}  // namespace

lane_map read_all_lanes(const check_sources& from) {
  lane_map lanes;
  for (const auto* service : {"user", "catalog", "cart", "order", "payment", "notification"}) {
    lanes[service] = kernel::read_lanes(from.of(service));
  }
  return lanes;
}

bool has_moved(const lane_map& before, const lane_map& after) {
  for (const auto& [service, lanes] : after) {
    const auto& old = before.at(service);
    if (!std::ranges::equal(lanes, old, [](const auto& a, const auto& b) {
          return a.batches == b.batches && a.epoch == b.epoch;
        })) {
      return true;
    }
  }
  return false;
}

std::string check_events(const check_sources& from, std::int64_t overdue_us, finding_list& out) {
  // Inboxes first: what is in them was numbered before.
  auto lanes = read_all_lanes(from);
  std::map<std::string, applied_map> applied;
  for (const auto& one : lanes) applied[one.first] = read_applied(from.of(one.first), lanes);
  lanes = read_all_lanes(from);
  for (const auto& one : lanes) {
    const auto& service = one.first;
    auto& c = from.of(service);
    check_applied(service, applied[service], lanes, out);
    const auto now = from.now(service);
    for (const auto& lane : one.second) check_outbox(c, service, lane.lane, now, overdue_us, out);
    if (service != "cart" || !from.carts_in_redis()) {
      c.query({&beyond_lane, {}}, [&](db::row r) {
        out.add({"outbox_beyond_lane", service,
                 service + "/" + std::to_string(std::get<std::int64_t>(r[0])), std::nullopt,
                 "number " + std::to_string(std::get<std::int64_t>(r[1])) + ", the last is " +
                     std::to_string(std::get<std::int64_t>(r[2]))});
      });
    }
    check_letters(c, service, out);
  }
  return check_members(from, lanes, out);
}

void check_lanes(const check_sources& from, const lane_map& before, const lane_map& after,
                 finding_list& out) {
  const auto lives = [&](const std::string& service, const kernel::lane_row& lane) {
    for (const auto& old : before.at(service)) {
      if (old.lane == lane.lane) return !lane.owner.empty() && old.beat != lane.beat;
    }
    return true;
  };
  bool any = false;
  for (const auto& [service, lanes] : after) {
    any = any || (from.is_shared(service) &&
                  std::ranges::any_of(
                      lanes, [&, &name = service](const auto& lane) { return lives(name, lane); }));
  }
  if (!any) return;
  for (const auto& [service, lanes] : after) {
    if (!from.is_shared(service)) continue;
    for (const auto& lane : lanes) {
      if (lives(service, lane)) continue;
      out.add(
          {"lane_not_served", service, service + "/" + std::to_string(lane.lane), std::nullopt,
           lane.owner.empty() ? "no node has it" : "the node " + lane.owner + " does not live"});
    }
  }
}

}  // namespace stoa::cli
