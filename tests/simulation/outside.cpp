#include "tests/simulation/outside.hpp"

namespace stoa::simulation {

void simulated_mailbox::send(notification::outgoing message, callback done) {
  auto process = [this, m = std::move(message)]() -> std::optional<notification::send_failure> {
    mails_.try_emplace(m.key, m);
    return std::nullopt;
  };
  if (calm_) return done(process());
  call_.make(process, done, notification::send_failure{"No connection."});
}

}  // namespace stoa::simulation
