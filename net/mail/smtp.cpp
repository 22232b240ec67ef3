#include "net/mail/smtp.hpp"

#include "config/block_signals.hpp"
#include "config/log.hpp"
#include "config/settings.hpp"
#include "net/mail/dkim.hpp"
#include "net/mail/mime.hpp"
#include "net/mail/smtp_session.hpp"
#include "net/token/private_file.hpp"
#include "storage/base/identity.hpp"

#include <prometheus/counter.h>
#include <prometheus/registry.h>

#include <algorithm>
#include <utility>

namespace stoa::mail {

namespace {

using notification::send_failure;
using clock = std::chrono::steady_clock;

constexpr std::chrono::seconds stop_grace{5};
constexpr std::size_t password_bytes_max = 4096;

problem unusable(std::string detail) {
  return {problem_kind::internal, "mail_server_unusable", std::move(detail), {}};
}

problem of_setting(std::string_view key, problem p) {
  p.detail = std::string(key) + ": " + p.detail;
  return p;
}

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

/// The address with the domain's ASCII form.
std::string with_ascii_domain(std::string_view address) {
  const auto at = address.rfind('@');
  if (at == std::string_view::npos || is_ascii(address.substr(at))) return std::string(address);
  const auto key = text::mail_key(address);
  return std::string(address.substr(0, at)) + key.substr(key.rfind('@'));
}

smtp_security security_named(std::string_view name) {
  if (name == "tls") return smtp_security::tls;
  if (name == "none") return smtp_security::none;
  if (name == "starttls_if_offered") return smtp_security::starttls_if_offered;
  return smtp_security::starttls;
}

prometheus::Counter* connection_counter(prometheus::Registry* registry) {
  if (registry == nullptr) return nullptr;
  return &prometheus::BuildCounter()
              .Name("stoa_smtp_connections_opened_total")
              .Help("Connections opened to the mail server")
              .Register(*registry)
              .Add({});
}

}  // namespace

result<smtp_options> smtp_options_of(const notification_settings& s) {
  smtp_options o;
  o.host = s.smtp_host;
  o.port = static_cast<std::uint16_t>(s.smtp_port);
  o.security = security_named(s.smtp_security);
  o.user = s.smtp_user;
  if (!s.smtp_password_file.empty()) {
    auto password = token::read_private_file(s.smtp_password_file, password_bytes_max);
    if (!password) return of_setting("notification.smtp_password_file", password.error());
    while (!password->empty() && (password->back() == '\n' || password->back() == '\r')) {
      password->pop_back();
    }
    o.password = std::move(*password);
  }
  const auto sender = with_ascii_domain(address_in(s.mail_from));
  o.hello = sender.substr(sender.rfind('@') + 1);
  o.ca_file = s.smtp_ca_file;
  o.allowed_networks = parse_networks(s.smtp_allowed_networks);
  o.timeout = std::chrono::milliseconds{s.smtp_timeout_ms};
  o.connections = static_cast<std::size_t>(s.smtp_connections);
  if (!s.dkim_key_file.empty()) {
    const auto domain = s.dkim_domain.empty() ? o.hello : s.dkim_domain;
    auto signer = dkim_signer::load({domain, s.dkim_selector, s.dkim_key_file});
    if (!signer) return of_setting("notification.dkim_key_file", signer.error());
    o.signer = std::move(*signer);
  }
  return o;
}

result<std::unique_ptr<smtp>> smtp::open(smtp_options options) {
  if (!outbound::init_curl()) return unusable("libcurl cannot be initialized");
  try {
    return std::unique_ptr<smtp>(new smtp(std::move(options)));
  } catch (const std::runtime_error& e) {
    return unusable(e.what());
  }
}

smtp::smtp(smtp_options options)
    : options_(std::move(options)), connections_opened_(connection_counter(options_.metrics)) {
  for (std::size_t i = 0; i < options_.connections; ++i) {
    sessions_.push_back(std::make_unique<smtp_session>(options_));
  }
  running_ = sessions_.size();
  for (auto& session : sessions_) {
    threads_.emplace_back([this, &s = *session] {
      log::block_all_signals();  // OpenSSL's writes may raise SIGPIPE
      run(s);
    });
  }
}

smtp::~smtp() {
  stop();
}

void smtp::send(notification::outgoing message, callback done) {
  std::string_view refusal;
  {
    const std::scoped_lock lock(mutex_);
    if (stopping_) {
      refusal = "The mail channel is stopping.";
    } else if (queue_.size() >= options_.queue_max) {
      refusal = "Too many emails are queued.";
    } else {
      queue_.push_back({std::move(message), std::move(done)});
      wake_.notify_one();
      return;
    }
  }
  done(send_failure{std::string(refusal)});
}

void smtp::stop() {
  std::call_once(joined_, [this] {
    std::deque<job> waiting;
    {
      std::unique_lock lock(mutex_);
      stopping_ = true;
      waiting.swap(queue_);
    }
    wake_.notify_all();
    for (auto& j : waiting) j.done(send_failure{"The mail channel is stopping."});
    {
      std::unique_lock lock(mutex_);
      ended_.wait_for(lock, stop_grace, [this] { return running_ == 0; });
    }
    for (auto& session : sessions_) session->abort();
    for (auto& t : threads_) t.join();
  });
}

void smtp::run(smtp_session& session) {
  job j;
  while (next(session, j)) {
    auto failure = deliver(session, j.message);
    if (connections_opened_ != nullptr) {
      connections_opened_->Increment(static_cast<double>(session.take_connects()));
    }
    j.done(std::move(failure));
    j = {};
  }
  session.close();
  const std::scoped_lock lock(mutex_);
  --running_;
  ended_.notify_all();
}

/// Waits for a mail; closes the connection when there is none for a while. False when stopping.
bool smtp::next(smtp_session& session, job& taken) {
  std::unique_lock lock(mutex_);
  const auto ready = [this] { return stopping_ || !queue_.empty(); };
  if (session.is_open() && !wake_.wait_for(lock, options_.idle_timeout, ready)) {
    lock.unlock();
    session.close();
    lock.lock();
  }
  wake_.wait(lock, ready);
  if (stopping_) return false;
  taken = std::move(queue_.front());
  queue_.pop_front();
  return true;
}

std::optional<send_failure> smtp::deliver(smtp_session& session,
                                          const notification::outgoing& message) const {
  const auto began = clock::now();
  try {
    const auto ready = prepared(message);
    if (!ready) return send_failure{reason_of(ready.error()), true};
    auto failure = session.send(*ready);
    if (!failure) return std::nullopt;
    const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(clock::now() - began);
    // Without the reply's text, which may contain the recipient's address.
    const auto log_failure = failure->permanent ? &log::warn : &log::info_limited;
    log_failure("email not sent", {{"notification_id", message.key},
                                   {"server.address", options_.host},
                                   {"error.type", failure->type},
                                   {"smtp.reply_code", failure->reply_code},
                                   {"detail", failure->detail},
                                   {"duration_ms", took.count()}});
    return send_failure{std::move(failure->reason), failure->permanent};
  } catch (const std::exception& e) {
    return send_failure{e.what()};
  }
}

result<smtp_message> smtp::prepared(notification::outgoing message) const {
  message.to = with_ascii_domain(message.to);
  const std::string from(address_in(message.from));
  const auto ascii_from = with_ascii_domain(from);
  if (!from.empty()) message.from.replace(message.from.rfind(from), from.size(), ascii_from);
  if (!is_ascii(message.to) || !is_ascii(ascii_from)) {
    return invalid_field(is_ascii(message.to) ? "/from" : "/to", "format",
                         "SMTP requires an address of ASCII characters before the @.");
  }
  auto text = compose(message);
  if (!text) return text.error();
  if (options_.signer) text->insert(0, options_.signer->header_of(*text, message.date));
  return smtp_message{ascii_from, message.to, std::move(*text)};
}

}  // namespace stoa::mail
