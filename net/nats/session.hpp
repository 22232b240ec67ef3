#pragma once
// One connection to the broker, from the handshake to its end. When it is lost the bus makes
// another one, with new subscriptions: there is one way to begin, and nothing is left over from
// before.

#include "net/nats/assets.hpp"
#include "net/nats/puller.hpp"

#include <thread>

namespace stoa::nats {

/// What was published over a connection and is not confirmed by the broker.
struct publish_flow {
  std::atomic<std::int64_t> in_flight = 0;
  std::atomic<std::int64_t> confirmed_at_us = 0;  ///< when the last confirmation came
  rarely complains;
};

/// Used by one thread, but for its own.
class session {
 public:
  /// Connects to the server; a null pointer and the error when it cannot.
  static std::unique_ptr<session> connect(const core_ptr& core, const std::string& url,
                                          std::string& error);
  /// Closes the connection, and waits for the sending thread.
  ~session();
  session(const session&) = delete;
  session& operator=(const session&) = delete;

  bool alive() const;
  /// Makes the stream and the consumers where they are missing; false when the broker does not.
  bool ensure();
  /// Begins to send and to pull; false when the broker does not take the subscriptions.
  bool begin();
  bool begun() const { return sender_.joinable(); }
  /// To be called several times a second.
  void tick();
  /// Takes no more events, and waits until those which are here are settled and all is sent, for at
  /// most `limit`.
  void drain(microseconds limit);

 private:
  explicit session(core_ptr core) : core_(std::move(core)) {}
  using on_message = std::function<void(natsMsg*)>;
  bool subscribe(const std::string& subject, on_message handle);
  bool subscribe_all();
  void send_loop();
  void end_sender();
  send_queue::load wait_for_load(microseconds limit);
  /// False when the connection is of no use any more.
  bool send(const send_queue::load& load);
  bool send(const kernel::published& e);
  bool send(const plain_message& m);
  void look_for_lost();

  const core_ptr core_;
  connection_handle connection_;
  jetstream_handle jetstream_;
  std::string inbox_;
  std::shared_ptr<publish_flow> flow_ = std::make_shared<publish_flow>();
  std::vector<std::shared_ptr<puller>> pullers_;
  std::vector<subscription_handle> subscriptions_;
  std::vector<natsSubscription*> pulls_;  ///< of the subscriptions, those of the pullers
  std::thread sender_;
  std::atomic<bool> ending_ = false;
  seen_assets seen_;
};

}  // namespace stoa::nats
