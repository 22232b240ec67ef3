#include "net/cli/check_events.hpp"

#include "storage/db/columns.hpp"
#include "storage/kernel/kernel_store.hpp"
#include "storage/kernel/lane_store.hpp"
#include "storage/kernel/member_store.hpp"

#include <algorithm>

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
    "SELECT o.lane,o.seq,l.last_seq FROM outbox o JOIN lane l"
    " ON l.lane=o.lane WHERE o.seq>l.last_seq ORDER BY o.lane,o.seq LIMIT 10"};
const db::sql last_applied{"last applied events",
                           "SELECT source,max(seq) FROM inbox GROUP BY source"};

using applied_map = std::map<std::string, std::map<std::string, std::int64_t>>;

/// By consumer, the greatest number of each outbox ("order/0").
applied_map read_applied(const check_sources& from, const lane_map& lanes) {
  applied_map applied;
  for (const auto& [service, ignored] : lanes) {
    if (service == "cart" && from.carts_in_redis()) continue;
    from.of(service).query({&last_applied, {}}, [&, &name = service](db::row r) {
      applied[name][std::get<std::string>(r[0])] = std::get<std::int64_t>(r[1]);
    });
  }
  return applied;
}

void check_applied(const applied_map& applied, const lane_map& lanes, finding_list& out) {
  for (const auto& [consumer, sources] : applied) {
    for (const auto& [source, seq] : sources) {
      const auto slash = source.find('/');
      const auto producer = lanes.find(source.substr(0, slash));
      if (slash == std::string::npos || producer == lanes.end()) continue;
      for (const auto& lane : producer->second) {
        if (std::to_string(lane.lane) != source.substr(slash + 1) || lane.last_seq >= seq) continue;
        out.add({"event_unknown_to_producer", consumer, source, std::nullopt,
                 "applied up to number " + std::to_string(seq) + ", the producer's last is " +
                     std::to_string(lane.last_seq)});
      }
    }
  }
}

void check_outbox(db::connection& c, const std::string& service, std::int64_t lane,
                  const check_times& times, std::int64_t overdue_us, finding_list& out) {
  std::int64_t after = 0;
  std::vector<kernel::outbox_row> page;
  do {
    page = db::select<kernel::outbox_row>(c, read_outbox, db::params(lane, after, outbox_page));
    for (const auto& e : page) {
      after = e.seq;
      if (times.now - e.created_at.us <= overdue_us) continue;
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

std::string check_events(const check_sources& from, const check_times& times,
                         std::int64_t overdue_us, finding_list& out) {
  // Inboxes first: what is in them was numbered before.
  auto lanes = read_all_lanes(from);
  const auto applied = read_applied(from, lanes);
  lanes = read_all_lanes(from);
  check_applied(applied, lanes, out);
  std::string store_id;
  for (const auto& [service, rows] : lanes) {
    auto& c = from.of(service);
    for (const auto& lane : rows) check_outbox(c, service, lane.lane, times, overdue_us, out);
    if (service != "cart" || !from.carts_in_redis()) {
      c.query({&beyond_lane, {}}, [&, &name = service](db::row r) {
        out.add({"outbox_beyond_lane", name,
                 name + "/" + std::to_string(std::get<std::int64_t>(r[0])), std::nullopt,
                 "number " + std::to_string(std::get<std::int64_t>(r[1])) + ", the last is " +
                     std::to_string(std::get<std::int64_t>(r[2]))});
      });
    }
    check_letters(c, service, out);
    for (const auto& [member, id] : kernel::read_members(c)) {
      if (store_id.empty()) store_id = id;
      if (id != store_id) {
        out.add({"store_id_differs", service, id, std::nullopt,
                 "the entry of the service " + member + "; others have " + store_id});
      }
    }
  }
  return store_id;
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
