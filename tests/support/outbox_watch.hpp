#pragma once
// Detects two writers that number events in one partition: a trigger in each service's database
// records every outbox row permanently.

#include "tests/support/postgres_server.hpp"

#include <string>
#include <vector>

namespace stoa::test {

/// The services that emit events.
inline constexpr const char* emitting_services[] = {"catalog", "order", "payment"};

/// Installs the triggers in the store's databases, which must exist.
inline void watch_outboxes(const postgres_server& at, const std::string& store) {
  for (const std::string service : emitting_services) {
    at.run(store + "_" + service,
           "CREATE TABLE outbox_watch(partition BIGINT, seq BIGINT, event_id UUID);"
           "CREATE FUNCTION outbox_note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
           "INSERT INTO outbox_watch VALUES(NEW.partition, NEW.seq, NEW.event_id); RETURN NULL; "
           "END $$;"
           "CREATE TRIGGER outbox_watch AFTER INSERT ON outbox FOR EACH ROW "
           "EXECUTE FUNCTION outbox_note()");
  }
}

/// A line for each service with a number used twice in a partition.
inline std::vector<std::string> numbers_used_twice(const postgres_server& at,
                                                   const std::string& store) {
  std::vector<std::string> found;
  for (const std::string service : emitting_services) {
    const auto numbers =
        at.run(store + "_" + service,
               "SELECT string_agg(partition || '/' || seq, ' ') FROM (SELECT partition, seq FROM "
               "outbox_watch GROUP BY partition, seq HAVING count(*) > 1 LIMIT 5) AS twice");
    if (!numbers.empty()) found.push_back("a number was used twice: " + service + " " + numbers);
  }
  return found;
}

}  // namespace stoa::test
