#pragma once
// One connection to the broker. A lost connection is never reused: the bus opens a new session with
// new subscriptions, so no state is left over.

#include "net/nats/assets.hpp"
#include "net/nats/puller.hpp"

#include <thread>

namespace stoa::nats {

/// Events published over a connection and not confirmed by the broker.
struct publish_flow {
  std::atomic<std::int64_t> in_flight = 0;
  std::atomic<std::int64_t> confirmed_at_us = 0;  ///< time of the last confirmation
  log_limiter limiter;
};

/// Used by one thread, except its sender thread.
class session {
 public:
  /// Connects to the server; null and the error on failure.
  static std::unique_ptr<session> connect(const core_ptr& core, const std::string& url,
                                          std::string& error);
  /// Closes the connection and waits for the sender thread.
  ~session();
  session(const session&) = delete;
  session& operator=(const session&) = delete;

  bool alive() const;
  /// Creates the stream and the consumers if missing; false when the broker fails to.
  bool ensure();
  /// Starts sending and pulling; false when the broker rejects the subscriptions.
  bool begin();
  bool begun() const { return sender_.joinable(); }
  /// To be called several times per second.
  void tick();
  /// Stops receiving and waits, at most `limit`, until received events are settled and everything
  /// is sent.
  void drain(microseconds limit);

 private:
  explicit session(core_ptr core) : core_(std::move(core)) {}
  using on_message = std::function<void(natsMsg*)>;
  bool subscribe(const std::string& subject, on_message handle);
  bool subscribe_all();
  void send_loop();
  void end_sender();
  send_queue::load wait_for_load(microseconds limit);
  /// False when the connection is unusable.
  bool send(const send_queue::load& load);
  bool send(const kernel::published& e);
  bool send(const plain_message& m);
  void check_for_lost();

  const core_ptr core_;
  connection_handle connection_;
  jetstream_handle jetstream_;
  std::string inbox_;
  std::shared_ptr<publish_flow> flow_ = std::make_shared<publish_flow>();
  std::vector<std::shared_ptr<puller>> pullers_;
  std::vector<subscription_handle> subscriptions_;
  std::vector<natsSubscription*> pulls_;  ///< the pullers' subscriptions
  std::thread sender_;
  std::atomic<bool> ending_ = false;
  seen_assets seen_;
};

}  // namespace stoa::nats
