#pragma once
// The handshake of a connection between nodes, before it is passed to CAF: the TLS handshake if
// certificates are configured, then mutual proof of the shared secret if one is configured. For
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
// All lengths are fixed: no input of an unauthenticated peer is parsed. The roles prevent a proof
// from being reflected to its sender. The secret authenticates a connection; only TLS protects the
// confidentiality and integrity of what follows. The calling side uses its first secret; the
// accepting side accepts any of its secrets and answers with the one used.

#include "actors/kernel/cluster_secrets.hpp"
#include "actors/kernel/peer_tls.hpp"

#include <string>
#include <string_view>

namespace stoa::kernel {

/// A node's credentials. Without any, every peer is trusted, which is allowed on loopback only.
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

  /// Advances as far as possible without blocking. `closed`: the handshake has failed.
  peer_io advance();
  /// The reason for the failure: a constant text, or OpenSSL's reason.
  const std::string& failure() const { return failure_; }
  int fd() const { return socket_.fd(); }
  /// The connection, after `done`.
  peer_socket take() { return std::move(socket_); }

 private:
  /// The next step.
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
  /// The secrets' keys at the start of the handshake; null: none.
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
