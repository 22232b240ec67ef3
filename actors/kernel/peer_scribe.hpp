#pragma once
// A connection between nodes in CAF's middleman. All received data passes the inspector first. For
// actors/kernel/*.cpp only.

#include "actors/kernel/basp_inspector.hpp"
#include "actors/kernel/peer_journal.hpp"
#include "actors/kernel/peer_socket.hpp"

#include <caf/io/network/default_multiplexer.hpp>
#include <caf/io/network/stream_impl.hpp>
#include <caf/io/scribe.hpp>

namespace stoa::kernel {

/// How CAF's stream reads and writes.
class peer_stream_policy {
 public:
  explicit peer_stream_policy(ssl_ptr tls) : tls_(std::move(tls)) {}
  caf::io::network::rw_state read_some(std::size_t& got, int fd, void* into, std::size_t size);
  caf::io::network::rw_state write_some(std::size_t& put, int fd, const void* from,
                                        std::size_t size);
  bool must_read_more(int fd, std::size_t threshold) const;

 private:
  ssl_ptr tls_;
};

struct peer_scribe_options {
  basp_inspector::opened_by side = basp_inspector::opened_by::peer;
  std::string address;                      ///< of the peer
  std::uint16_t port = 0;                   ///< of the peer
  std::chrono::milliseconds write_timeout;  ///< for unacknowledged bytes (TCP_USER_TIMEOUT)
  std::shared_ptr<peer_journal> journal;
  std::shared_ptr<peer_progress> progress;
};

class peer_scribe final : public caf::io::scribe {
 public:
  peer_scribe(caf::actor_system& system, peer_socket socket, peer_scribe_options options);
  ~peer_scribe() override;

  // Called by CAF's broker, in the multiplexer's thread.
  void configure_read(caf::io::receive_policy::config config) override;
  void ack_writes(bool enable) override { stream_.ack_writes(enable); }
  std::vector<char>& wr_buf() override { return stream_.wr_buf(); }
  std::vector<char>& rd_buf() override { return stream_.rd_buf(); }
  void flush() override;
  void graceful_shutdown() override;
  void add_to_loop() override { stream_.activate(this); }
  void remove_from_loop() override { stream_.passivate(); }
  std::string addr() const override { return options_.address; }
  std::uint16_t port() const override { return options_.port; }
  bool consume(caf::execution_unit* ctx, const void* bytes, std::size_t size) override;

  /// Closes the connection if it is still in the handshake. In the multiplexer's thread.
  void give_up(peer_result why, const std::string& reason);

 private:
  using stream = caf::io::network::stream_impl<peer_stream_policy>;

  peer_scribe(caf::io::network::default_multiplexer& multiplexer, std::pair<int, ssl_ptr> socket,
              std::string here, peer_scribe_options options);
  void expect(std::size_t size);
  bool take_header(caf::execution_unit* ctx, const char* bytes);
  bool take_payload(caf::execution_unit* ctx, const char* bytes, std::size_t size);
  bool complete(caf::execution_unit* ctx, std::vector<char>& payload);
  bool pass(caf::execution_unit* ctx, std::vector<char>& bytes);
  bool refuse(caf::execution_unit* ctx, basp_fault f);
  void settle(peer_result r, const std::string& reason);
  void shut_down();

  peer_scribe_options options_;
  basp_inspector inspector_;
  std::vector<char> header_;   ///< of the message whose payload is expected
  std::vector<char> payload_;  ///< the received part of a large payload
  bool launched_ = false;
  bool settled_ = false;  ///< the result has been recorded
  stream stream_;
};

}  // namespace stoa::kernel
