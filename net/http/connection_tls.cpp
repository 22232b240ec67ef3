// What a connection does more under TLS: the handshake before its first request.
#include "net/http/connection.hpp"
#include "net/http/problem_response.hpp"

#include <algorithm>

namespace stoa::http {

namespace {

/// For handshakes that are under way when a drain begins: the client may still ask what it came
/// for, and one that says nothing does not hold the drain up.
constexpr std::chrono::seconds drained_handshake_limit{1};

}  // namespace

void connection::shake_hands(void (connection::*then)()) {
  enter(phase::handshake, lane_->config().timeouts.header);
  tls_->handshake([self = shared_from_this(), then](handshake_result what, const std::string& why) {
    self->on_handshake(what, why, then);
  });
}

void connection::on_handshake(handshake_result what, const std::string& why,
                              void (connection::*then)()) {
  if (phase_ == phase::closed) return;
  switch (what) {
    case handshake_result::done:
      return (this->*then)();
    case handshake_result::gone:
      return close();  // As load balancers do when they only look whether the port is open.
    case handshake_result::plain_http:
    case handshake_result::failed:
      return on_handshake_failed(why, what == handshake_result::plain_http);
  }
}

void connection::hurry_handshake() {
  deadline_ = std::min(deadline_, std::chrono::steady_clock::now() + drained_handshake_limit);
}

/// The alert, if there is one, has been sent. What the client still says must be read, though not
/// understood, or the reset would take the alert away from it.
void connection::on_handshake_failed(const std::string& why, bool answer_plainly) {
  lane_counters::add(lane_->counters().tls_handshakes_failed, 1);
  is_secure_ = false;
  framing_.keep_alive = false;
  problem reason{400, "tls_handshake_failed", "The TLS handshake failed: " + why + ".", {}};
  lane_->tell_of_handshake({number_, remote_address_, {}, reason});
  if (!answer_plainly) return end_output();
  // People who typed http:// find out in their own language.
  send(problem_response({400, "https_required", "This port speaks HTTPS: use https://.", {}}),
       true);
}

}  // namespace stoa::http
