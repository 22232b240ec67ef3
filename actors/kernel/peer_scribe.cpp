#include "actors/kernel/peer_scribe.hpp"

#include <caf/all.hpp>
#include <caf/io/all.hpp>
#include <caf/io/basp_broker.hpp>

#include <algorithm>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace stoa::kernel {

namespace {

using caf::io::receive_policy;
using caf::io::network::default_multiplexer;
using caf::io::network::rw_state;

/// Larger payloads are read in parts, so that memory grows with the received bytes rather than with
/// the size in the header.
constexpr std::size_t part_max = 64U << 10;
/// Unsent bytes at which a connection is closed.
constexpr std::size_t unsent_max = 256U << 20;

/// Handles that differ from all descriptors: CAF cleans up after a connection at a time when its
/// descriptor may already have been reused.
caf::io::connection_handle next_handle() {
  static std::atomic<std::int64_t> last{std::int64_t{1} << 32};
  return caf::io::connection_handle::from_int(++last);
}

std::string serialised(const caf::node_id& id) {
  std::vector<char> bytes;
  caf::binary_serializer out(nullptr, bytes);
  if (out(id)) return {};
  return {bytes.begin(), bytes.end()};
}

/// A blocked operation counts as zero bytes: CAF then waits for the descriptor.
rw_state after(peer_io step) {
  return step == peer_io::closed ? rw_state::failure : rw_state::success;
}

}  // namespace

rw_state peer_stream_policy::read_some(std::size_t& got, int fd, void* into, std::size_t size) {
  return after(peer_read(fd, tls_.get(), static_cast<char*>(into), size, got));
}

rw_state peer_stream_policy::write_some(std::size_t& put, int fd, const void* from,
                                        std::size_t size) {
  put = 0;
  if (size == 0) return rw_state::indeterminate;
  return after(peer_write(fd, tls_.get(), static_cast<const char*>(from), size, put));
}

/// TLS may hold buffered bytes for which poll(2) reports no event.
bool peer_stream_policy::must_read_more(int /*fd*/, std::size_t threshold) const {
  return tls_ && static_cast<std::size_t>(SSL_pending(tls_.get())) >= threshold;
}

peer_scribe::peer_scribe(caf::actor_system& system, peer_socket socket, peer_scribe_options options)
    : peer_scribe(static_cast<default_multiplexer&>(system.middleman().backend()), socket.release(),
                  serialised(system.node()), std::move(options)) {}

peer_scribe::peer_scribe(default_multiplexer& multiplexer, std::pair<int, ssl_ptr> socket,
                         std::string here, peer_scribe_options options)
    : scribe(next_handle()),
      options_(std::move(options)),
      inspector_(std::move(here), options_.side),
      stream_(multiplexer, socket.first, std::move(socket.second)) {
  // Also applies to a closed connection with unsent bytes.
  const auto limit = static_cast<unsigned>(options_.write_timeout.count());
  ::setsockopt(stream_.fd(), IPPROTO_TCP, TCP_USER_TIMEOUT, &limit, sizeof limit);
  expect(basp_inspector::header_size);
}

peer_scribe::~peer_scribe() {
  settle(peer_result::closed, {});
  options_.progress->scribe = nullptr;
  options_.progress->closed = true;
}

/// The inspector determines how much to read, so CAF's policy is ignored. The first call starts
/// reading.
void peer_scribe::configure_read(receive_policy::config /*config*/) {
  if (std::exchange(launched_, true)) return;
  options_.progress->scribe = this;
  // Without a context CAF considers an outgoing connection timed out.
  static_cast<caf::io::basp_broker*>(parent())->set_context(hdl());
  if (options_.progress->unwanted) {
    settle(peer_result::evicted, "too many handshakes");
    shut_down();
  }
  stream_.start(this);
}

void peer_scribe::expect(std::size_t size) {
  stream_.configure_read(receive_policy::exactly(size));
}

bool peer_scribe::consume(caf::execution_unit* ctx, const void* bytes, std::size_t size) {
  if (detached()) return false;
  const auto* const from = static_cast<const char*>(bytes);
  return header_.empty() ? take_header(ctx, from) : take_payload(ctx, from, size);
}

bool peer_scribe::take_header(caf::execution_unit* ctx, const char* bytes) {
  const auto fault = inspector_.header({bytes, basp_inspector::header_size});
  if (fault != basp_fault::none) return refuse(ctx, fault);
  header_.assign(bytes, bytes + basp_inspector::header_size);
  const auto size = inspector_.payload_size();
  if (size > 0) {
    expect(std::min(size, part_max));
    return true;
  }
  expect(basp_inspector::header_size);
  const bool passed = pass(ctx, header_);
  header_.clear();
  return passed;
}

bool peer_scribe::take_payload(caf::execution_unit* ctx, const char* bytes, std::size_t size) {
  const auto whole = inspector_.payload_size();
  if (whole <= part_max) return complete(ctx, rd_buf());
  payload_.insert(payload_.end(), bytes, bytes + size);
  if (payload_.size() < whole) {
    expect(std::min(whole - payload_.size(), part_max));
    return true;
  }
  const bool passed = complete(ctx, payload_);
  std::vector<char>().swap(payload_);
  return passed;
}

bool peer_scribe::complete(caf::execution_unit* ctx, std::vector<char>& payload) {
  const auto fault = inspector_.payload(payload);
  if (fault != basp_fault::none) return refuse(ctx, fault);
  if (inspector_.is_proven() && !options_.progress->proven) {
    options_.progress->proven = true;
    settle(peer_result::accepted, {});
  }
  expect(basp_inspector::header_size);
  const bool passed = inspector_.to_be_dropped() || (pass(ctx, header_) && pass(ctx, payload));
  header_.clear();
  return passed;
}

/// Passes the bytes to CAF's broker, as scribe::consume() does with its own buffer.
bool peer_scribe::pass(caf::execution_unit* ctx, std::vector<char>& bytes) {
  if (detached()) return false;
  // The broker may release this connection meanwhile.
  const caf::strong_actor_ptr broker = parent_;
  msg().buf.swap(bytes);
  const bool continues = invoke_mailbox_element(ctx);
  msg().buf.swap(bytes);
  if (!detached()) flush();
  return continues && !detached();
}

bool peer_scribe::refuse(caf::execution_unit* ctx, basp_fault f) {
  const std::string reason(text_of(f));
  if (f == basp_fault::itself) {
    settle(peer_result::closed, reason);
  } else if (options_.side == basp_inspector::opened_by::peer && !options_.progress->proven) {
    settle(peer_result::malformed, reason);
  } else {
    options_.journal->broken(reason, options_.address);
  }
  shut_down();
  io_failure(ctx, caf::io::network::operation::read);
  return false;
}

void peer_scribe::flush() {
  // The descriptor then reports the end of the connection.
  if (wr_buf().size() > unsent_max) {
    options_.journal->broken("too many unsent bytes", options_.address);
    shut_down();
    wr_buf().clear();
  }
  stream_.flush(this);
}

void peer_scribe::graceful_shutdown() {
  // CAF calls this when its own timeout for silent peers has expired.
  settle(peer_result::timed_out, "cluster.dead_after_ms");
  stream_.graceful_shutdown();
  detach(&stream_.backend(), false);
}

void peer_scribe::give_up(peer_result why, const std::string& reason) {
  if (options_.progress->proven || detached()) return;
  settle(why, reason);
  shut_down();
  io_failure(&stream_.backend(), caf::io::network::operation::read);
}

/// Records the result of an incoming connection; only the first call counts.
void peer_scribe::settle(peer_result r, const std::string& reason) {
  if (std::exchange(settled_, true) || options_.side != basp_inspector::opened_by::peer) return;
  options_.journal->note(r, reason, options_.address);
}

void peer_scribe::shut_down() {
  ::shutdown(stream_.fd(), SHUT_RDWR);
}

}  // namespace stoa::kernel
