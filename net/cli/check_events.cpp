#include "net/cli/check_events.hpp"

#include "config/services.hpp"
#include "storage/db/columns.hpp"
#include "storage/kernel/kernel_store.hpp"
#include "storage/kernel/member_store.hpp"
#include "storage/kernel/partition_store.hpp"

#include <algorithm>
#include <set>

namespace stoa::cli {

namespace {

constexpr std::int64_t outbox_page = 500;
constexpr std::size_t letters_page = 500;

/// Redis implements it by its name, as it does the relay's query.
const db::sql read_outbox{"read outbox", "SELECT " + db::column_list<kernel::outbox_row>() +
                                             " FROM outbox WHERE partition=$1 AND seq>$2"
                                             " ORDER BY seq LIMIT $3"};
/// One statement, for a consistent view of both tables.
const db::sql beyond_partition{
    "events beyond the partition",
    "SELECT o.partition,o.seq,coalesce(l.last_seq,0) FROM outbox o LEFT JOIN partition l"
    " ON l.partition=o.partition WHERE l.partition IS NULL OR o.seq>l.last_seq ORDER BY "
    "o.partition,o.seq LIMIT 10"};
/// Redis implements it by its name.
const db::sql last_applied{"last applied event", "SELECT max(seq) FROM inbox WHERE source=$1"};

/// The highest event number that the service has applied, by outbox ("order/0").
using applied_map = std::map<std::string, std::int64_t>;

applied_map read_applied(db::connection& c, const partition_map& partitions) {
  applied_map applied;
  for (const auto& [producer, rows] : partitions) {
    for (const auto& partition : rows) {
      const auto source = producer + "/" + std::to_string(partition.partition);
      c.query({&last_applied, db::params(source)}, [&](db::row r) {
        if (const auto* seq = std::get_if<std::int64_t>(&r[0])) applied[source] = *seq;
      });
    }
  }
  return applied;
}

void check_applied(const std::string& consumer, const applied_map& applied,
                   const partition_map& partitions, finding_list& out) {
  for (const auto& [producer, rows] : partitions) {
    for (const auto& partition : rows) {
      const auto source = producer + "/" + std::to_string(partition.partition);
      const auto seq = applied.find(source);
      if (seq == applied.end() || partition.last_seq >= seq->second) continue;
      out.add({"event_unknown_to_producer", consumer, source, std::nullopt,
               "applied up to number " + std::to_string(seq->second) + ", the producer's last is " +
                   std::to_string(partition.last_seq)});
    }
  }
}

/// Checks that all databases belong to one store and have partitions. Returns the store's id.
std::string check_members(const check_sources& from, const partition_map& partitions,
                          finding_list& out) {
  std::map<std::string, kernel::member_map> all;
  std::set<std::string> seen;
  std::string store_id;
  for (const auto& [service, rows] : partitions) {
    all[service] = kernel::read_members(from.of(service));
    for (const auto& [member, id] : all[service]) {
      seen.insert(member);
      if (store_id.empty()) store_id = id;
      if (id == store_id) continue;
      out.add({"store_id_differs", service, id, std::nullopt,
               "recorded for the service " + member + "; others have " + store_id});
    }
  }
  for (const auto& [service, rows] : partitions) {
    if (!seen.contains(service)) continue;  // No node has served it.
    if (!all[service].contains(service)) {
      out.add({"store_id_differs", service, service, std::nullopt,
               "it has no store id, although databases of other services have recorded one"});
    }
    if (rows.empty()) {
      out.add({"store_part", service, service, std::nullopt, "its database has no partitions"});
    }
  }
  return store_id;
}

void check_outbox(db::connection& c, const std::string& service, std::int64_t partition,
                  std::int64_t now, std::int64_t overdue_us, finding_list& out) {
  std::int64_t after = 0;
  std::vector<kernel::outbox_row> page;
  do {
    page =
        db::select<kernel::outbox_row>(c, read_outbox, db::params(partition, after, outbox_page));
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

partition_map read_all_partitions(const check_sources& from) {
  partition_map partitions;
  for (const auto& service : config::service_names()) {
    partitions[service] = kernel::read_partitions(from.of(service));
  }
  return partitions;
}

bool has_moved(const partition_map& before, const partition_map& after) {
  for (const auto& [service, partitions] : after) {
    const auto& old = before.at(service);
    if (!std::ranges::equal(partitions, old, [](const auto& a, const auto& b) {
          return a.batches == b.batches && a.epoch == b.epoch;
        })) {
      return true;
    }
  }
  return false;
}

std::string check_events(const check_sources& from, std::int64_t overdue_us, finding_list& out) {
  // Inboxes first: events applied later may not be in the producer's snapshot.
  auto partitions = read_all_partitions(from);
  std::map<std::string, applied_map> applied;
  for (const auto& one : partitions)
    applied[one.first] = read_applied(from.of(one.first), partitions);
  partitions = read_all_partitions(from);
  for (const auto& one : partitions) {
    const auto& service = one.first;
    auto& c = from.of(service);
    check_applied(service, applied[service], partitions, out);
    const auto now = from.now(service);
    for (const auto& partition : one.second)
      check_outbox(c, service, partition.partition, now, overdue_us, out);
    if (service != "cart" || !from.carts_in_redis()) {
      c.query({&beyond_partition, {}}, [&](db::row r) {
        out.add({"outbox_beyond_partition", service,
                 service + "/" + std::to_string(std::get<std::int64_t>(r[0])), std::nullopt,
                 "number " + std::to_string(std::get<std::int64_t>(r[1])) + ", the last is " +
                     std::to_string(std::get<std::int64_t>(r[2]))});
      });
    }
    check_letters(c, service, out);
  }
  return check_members(from, partitions, out);
}

void check_partitions(const check_sources& from, const partition_map& before,
                      const partition_map& after, finding_list& out) {
  const auto lives = [&](const std::string& service, const kernel::partition_row& partition) {
    for (const auto& old : before.at(service)) {
      if (old.partition == partition.partition)
        return !partition.owner.empty() && old.beat != partition.beat;
    }
    return true;
  };
  bool any = false;
  for (const auto& [service, partitions] : after) {
    any = any || (from.is_shared(service) &&
                  std::ranges::any_of(partitions, [&, &name = service](const auto& partition) {
                    return lives(name, partition);
                  }));
  }
  if (!any) return;
  for (const auto& [service, partitions] : after) {
    if (!from.is_shared(service)) continue;
    for (const auto& partition : partitions) {
      if (lives(service, partition)) continue;
      out.add({"partition_not_served", service, service + "/" + std::to_string(partition.partition),
               std::nullopt,
               partition.owner.empty() ? "it has no owner"
                                       : "the node " + partition.owner + " is not alive"});
    }
  }
}

}  // namespace stoa::cli
