#pragma once
// What happens on a connection between nodes before CAF gets it: the TLS handshake when there are
// certificates, and, when there is a shared secret, the proof of both sides that they know it. For
// actors/kernel/*.cpp only.
//
// With a secret, each side sends a random challenge and answers the other's with a keyed hash
// (BLAKE2b, RFC 7693) over its role and both challenges:
//
//     accepting                                      calling
//     "STOA/1\r\n" challenge_a (32)        ->
//                                          <-        "STOA/1\r\n" challenge_c (32) proof_c (32)
//     proof_a (32)                         ->
//
// All lengths are fixed, so that nothing of what an unknown peer sends is interpreted. The roles
// differ, so that a proof cannot be sent back to its maker. The secret authenticates a connection;
// only TLS keeps what follows from being read or changed in transit. The calling side uses its
// first secret; the accepting one takes any of its own, and answers with the one that was used.

#include "actors/kernel/cluster_secrets.hpp"
#include "actors/kernel/peer_tls.hpp"

#include <string>
#include <string_view>

namespace stoa::kernel {

/// What a node proves itself with. Without either, all that can connect are trusted, which is for
/// loopback addresses only.
struct peer_credentials {
  std::shared_ptr<const cluster_secrets> secrets;  ///< null: none
  std::unique_ptr<peer_tls> tls;                   ///< null: plain TCP

  bool any() const { return secrets || tls; }
};
peer_credentials credentials_of(std::shared_ptr<const cluster_secrets> secrets,
                                const peer_tls_files& files);

class peer_handshake {
 public:
  enum class side { accepts, calls };

  /// The credentials outlive this.
  peer_handshake(peer_socket socket, const peer_credentials& with, side s);

  /// Goes as far as it can without waiting. `closed`: it has failed.
  peer_io advance();
  /// Why it has failed, for an operator; constant text, or OpenSSL's reason.
  const std::string& failure() const { return failure_; }
  int fd() const { return socket_.fd(); }
  /// The connection, after `done`.
  peer_socket take() { return std::move(socket_); }

 private:
  /// What comes next.
  enum class phase { tls, first_byte, challenge, reply, proof, finished };

  peer_io tls_handshake();
  peer_io first_byte();
  peer_io flush();
  peer_io receive(std::size_t size);
  void enter_secret();
  void finish();
  void take_challenge();
  bool take_reply();
  bool take_proof();
  static std::string proof_of(side by, const std::string& key, std::string_view accepting,
                              std::string_view calling);
  peer_io fail(std::string why);

  peer_socket socket_;
  const peer_credentials& with_;
  /// The secrets' keys when the handshake began; null: none.
  const std::shared_ptr<const std::vector<std::string>> keys_;
  const side side_;
  phase phase_ = phase::finished;
  std::string challenge_;  ///< this side's
  std::string theirs_;     ///< the other side's
  std::string out_;
  std::string in_;
  std::string failure_;
};

}  // namespace stoa::kernel
