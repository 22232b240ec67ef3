#pragma once
// Sends email by SMTP (RFC 5321) to one mail server, with libcurl.

#include "actors/notification/channel.hpp"
#include "config/ip_network.hpp"
#include "storage/base/result.hpp"

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace prometheus {
class Counter;
class Registry;
}  // namespace prometheus

namespace stoa {
struct notification_settings;
}

namespace stoa::mail {

class dkim_signer;
class smtp_session;
struct smtp_message;

enum class smtp_security {
  starttls,             ///< required (RFC 3207)
  starttls_if_offered,  ///< in clear text if the server does not offer it
  tls,                  ///< from the start (RFC 8314)
  none
};

struct smtp_options {
  std::string host;  ///< a name or an address; IPv6 in brackets
  std::uint16_t port = 587;
  smtp_security security = smtp_security::starttls;
  std::string user{};  ///< empty: no authentication
  std::string password{};
  std::string hello = "localhost";  ///< the client's name in EHLO
  std::string ca_file{};            ///< PEM; empty: OpenSSL's defaults
  /// Allowed networks of the server in addition to public addresses.
  std::vector<ip_network> allowed_networks{};
  std::chrono::milliseconds timeout{30'000};       ///< of an email, including the connection
  std::chrono::milliseconds idle_timeout{30'000};  ///< an idle connection is closed after this
  std::size_t connections = 4;                     ///< threads, each with one connection
  std::size_t queue_max = 1024;                    ///< waiting emails; send() fails when it is full
  std::shared_ptr<const dkim_signer> signer{};     ///< null: emails are not signed
  prometheus::Registry* metrics = nullptr;         ///< outlives the channel; null: no metrics
};

/// The options from the settings. Errors (500): a file with a secret cannot be used.
result<smtp_options> smtp_options_of(const notification_settings& s);

/// Thread-safe. Each thread sends one email at a time and keeps its connection for the next.
///
/// A 5xx reply to a command about the message is a permanent failure. All other failures are
/// temporary: 4xx, a rejected client (connection, TLS, authentication), and lost connections. When
/// a connection is lost after the message, the server may have accepted it: the retry has the same
/// Message-ID. Domains are sent in their ASCII form (IDNA); an address with other characters
/// before the @ is a permanent failure, because few servers support SMTPUTF8 (RFC 6531).
class smtp final : public notification::channel {
 public:
  /// Does not connect. Error (500): the CA file or libcurl cannot be used.
  static result<std::unique_ptr<smtp>> open(smtp_options options);
  ~smtp() override;
  smtp(const smtp&) = delete;
  smtp& operator=(const smtp&) = delete;

  void send(notification::outgoing message, callback done) override;
  /// Emails in progress have 5 s to complete; waiting ones fail.
  void stop() override;

 private:
  struct job {
    notification::outgoing message;
    callback done;
  };

  explicit smtp(smtp_options options);
  void run(smtp_session& session);
  bool next(smtp_session& session, job& taken);
  std::optional<notification::send_failure> deliver(smtp_session& session,
                                                    const notification::outgoing& message) const;
  result<smtp_message> prepared(notification::outgoing message) const;

  const smtp_options options_;
  prometheus::Counter* connections_opened_ = nullptr;
  std::vector<std::unique_ptr<smtp_session>> sessions_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::condition_variable ended_;
  std::deque<job> queue_;
  std::size_t running_ = 0;
  bool stopping_ = false;
  std::once_flag joined_;
  std::vector<std::thread> threads_;
};

}  // namespace stoa::mail
