#pragma once
// Tells whether two writers have numbered events in one partition: a trigger in each service's
// database writes down every row that is put into an outbox, for good.

#include "tests/support/postgres_server.hpp"

#include <string>
#include <vector>

namespace stoa::test {

/// The services that emit events.
inline constexpr const char* emitting_services[] = {"catalog", "order", "payment"};

/// Puts the triggers into the databases of the store, which must be there.
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

/// A line for each service whose partitions have used a number twice.
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
