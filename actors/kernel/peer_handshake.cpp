#include "actors/kernel/peer_handshake.hpp"

#include "storage/base/text.hpp"

#include <openssl/err.h>
#include <openssl/x509_vfy.h>

#include <algorithm>
#include <array>

namespace stoa::kernel {

namespace {

constexpr std::string_view magic = "STOA/1\r\n";
constexpr std::size_t challenge_size = 32;
constexpr std::size_t proof_size = 32;

/// OpenSSL's reason for a TLS failure.
std::string tls_reason(const SSL* tls) {
  const auto verified = SSL_get_verify_result(tls);
  if (verified != X509_V_OK) {
    return std::string("TLS: ") + X509_verify_cert_error_string(verified);
  }
  const char* const reason = ERR_reason_error_string(ERR_peek_last_error());
  ERR_clear_error();
  return std::string("TLS: ") + (reason != nullptr ? reason : "the peer closed the connection");
}

}  // namespace

peer_credentials credentials_of(std::shared_ptr<const cluster_secrets> secrets,
                                const peer_tls_files& files) {
  peer_credentials c;
  c.secrets = std::move(secrets);
  if (!files.certificate.empty()) c.tls = std::make_unique<peer_tls>(files);
  return c;
}

peer_handshake::peer_handshake(peer_socket socket, const peer_credentials& with, side s)
    : socket_(std::move(socket)),
      with_(with),
      keys_(with.secrets ? with.secrets->keys() : nullptr),
      side_(s) {
  if (with_.tls) {
    socket_.use(with_.tls->session(socket_.fd(), side_ == side::accepts));
    phase_ = phase::tls;
  } else if (keys_) {
    enter_secret();
  } else {
    finish();
  }
}

peer_io peer_handshake::advance() {
  for (;;) {
    peer_io step = peer_io::done;
    switch (phase_) {
      case phase::tls:
        step = tls_handshake();
        break;
      case phase::first_byte:
        step = first_byte();
        break;
      case phase::challenge:
        step = receive(magic.size() + challenge_size);
        if (step == peer_io::done) take_challenge();
        break;
      case phase::reply:
        step = receive(magic.size() + challenge_size + proof_size);
        if (step == peer_io::done && !take_reply()) return peer_io::closed;
        break;
      case phase::proof:
        step = receive(proof_size);
        if (step == peer_io::done && !take_proof()) return peer_io::closed;
        break;
      case phase::finished:
        return flush();
    }
    if (step != peer_io::done) return step;
  }
}

peer_io peer_handshake::tls_handshake() {
  if (socket_.tls() == nullptr) return fail("TLS: no memory");
  const auto step = socket_.shake_hands();
  if (step == peer_io::closed) return fail(tls_reason(socket_.tls()));
  if (step != peer_io::done) return step;
  if (!keys_) {
    finish();
  } else {
    enter_secret();
  }
  return peer_io::done;
}

/// CAF's server sends first, starting with a zero byte, once it has accepted this node: with TLS
/// 1.3 a rejected certificate shows only now. A node that requires a secret sends its magic
/// instead, which gives a clear error.
peer_io peer_handshake::first_byte() {
  char byte = 0;
  const auto step = socket_.peek(byte);
  if (step == peer_io::closed) {
    return fail(socket_.tls() != nullptr ? tls_reason(socket_.tls())
                                         : "the peer closed the connection");
  }
  if (step != peer_io::done) return step;
  if (!keys_ && byte == magic.front()) {
    return fail("the peer requires the cluster's secret: set cluster.secret_file");
  }
  phase_ = phase::finished;
  return peer_io::done;
}

/// The connection is authenticated; CAF's protocol follows.
void peer_handshake::finish() {
  phase_ = side_ == side::calls ? phase::first_byte : phase::finished;
}

void peer_handshake::enter_secret() {
  challenge_ = text::random_bytes(challenge_size);
  if (side_ == side::accepts) {
    out_.append(magic).append(challenge_);
    phase_ = phase::reply;
  } else {
    phase_ = phase::challenge;
  }
}

peer_io peer_handshake::flush() {
  while (!out_.empty()) {
    std::size_t put = 0;
    const auto step = socket_.write(out_.data(), out_.size(), put);
    if (step == peer_io::closed) return fail("the peer closed the connection");
    if (step != peer_io::done) return step;
    out_.erase(0, put);
  }
  return peer_io::done;
}

/// Never reads more than `size` bytes, as the following bytes belong to CAF.
peer_io peer_handshake::receive(std::size_t size) {
  if (const auto flushed = flush(); flushed != peer_io::done) return flushed;
  while (in_.size() < size) {
    std::array<char, 128> buffer{};
    std::size_t got = 0;
    const auto step = socket_.read(buffer.data(), std::min(buffer.size(), size - in_.size()), got);
    if (step == peer_io::closed) {
      return fail(phase_ == phase::proof ? "the peer closed the connection; its secret may differ"
                                         : "the peer closed the connection");
    }
    if (step != peer_io::done) return step;
    in_.append(buffer.data(), got);
    // A peer with another protocol is rejected at once.
    if (phase_ != phase::proof &&
        !magic.starts_with(std::string_view(in_).substr(0, magic.size()))) {
      return fail("the peer does not use the cluster's secret");
    }
  }
  return peer_io::done;
}

void peer_handshake::take_challenge() {
  theirs_ = in_.substr(magic.size());
  in_.clear();
  out_.append(magic)
      .append(challenge_)
      .append(proof_of(side::calls, keys_->front(), theirs_, challenge_));
  phase_ = phase::proof;
}

bool peer_handshake::take_reply() {
  theirs_ = in_.substr(magic.size(), challenge_size);
  const auto proof = in_.substr(magic.size() + challenge_size);
  in_.clear();
  const auto known = std::ranges::find_if(*keys_, [&](const std::string& key) {
    return text::equal_secret(proof, proof_of(side::calls, key, challenge_, theirs_));
  });
  if (known == keys_->end()) {
    fail("the peer's secret differs");
    return false;
  }
  out_ = proof_of(side::accepts, *known, challenge_, theirs_);
  finish();
  return true;
}

bool peer_handshake::take_proof() {
  if (!text::equal_secret(in_, proof_of(side::accepts, keys_->front(), theirs_, challenge_))) {
    fail("the peer's secret differs");
    return false;
  }
  in_.clear();
  finish();
  return true;
}

std::string peer_handshake::proof_of(side by, const std::string& key, std::string_view accepting,
                                     std::string_view calling) {
  std::string content = by == side::accepts ? "stoa cluster accepting" : "stoa cluster calling";
  content.append(accepting).append(calling);
  return text::keyed_hash(key, content);
}

peer_io peer_handshake::fail(std::string why) {
  failure_ = std::move(why);
  return peer_io::closed;
}

}  // namespace stoa::kernel
