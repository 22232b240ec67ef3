// The end of a run: no more faults, and all work is completed.

#include "tests/simulation/world.hpp"

namespace stoa::simulation {

void world::calm() {
  say("CALM");
  probes_until_crash_ = 0;
  next_save_fails_.reset();
  calm_ = true;
  bank.calm();
  mailbox.calm();
}

std::size_t world::settle() {
  std::size_t done = 0;
  for (auto& [name, h] : hosts_) {
    tick(h);
    pump(h);
  }
  // In their order of arrival, and only those present now.
  for (bag* from : {&inside, &outside}) {
    const auto able = due(*from);
    // A message that has arrived is gone from the bag.
    for (std::size_t n = 0; n < able.size(); ++n, ++done) happen(*from, able[n] - n);
  }
  for (auto& [name, h] : hosts_) {
    while (h.writer->waiting() + h.writer->acknowledged() > 0) {
      done += h.writer->waiting();
      flush(h, limits_.batch_max);
    }
  }
  return done;
}

bool world::at_rest() {
  static const db::sql outbox_left{"left in outbox", "SELECT count(*) FROM outbox"};
  if (!inside.empty() || !due(outside).empty()) return false;
  for (auto& [name, h] : hosts_) {
    if (h.relay->held() > 0 || h.relay->wants_to_read() || *h.sweep_open > 0) return false;
    std::int64_t left = 0;
    h.database->query({&outbox_left, {}}, [&](db::row r) { left = std::get<std::int64_t>(r[0]); });
    if (left > 0) return false;
  }
  return true;
}

}  // namespace stoa::simulation
