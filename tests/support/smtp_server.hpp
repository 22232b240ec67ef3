#pragma once
// An SMTP server on the loopback that keeps the mails, and whose test decides the replies:
// greylisting, bounces, lost connections.

#include "net/mail/coding.hpp"
#include "tests/support/fault_server.hpp"

#include <chrono>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace stoa::test {

struct received_mail {
  std::string from, to;  ///< the parameters of MAIL and RCPT
  std::string text;      ///< without the dots that SMTP doubles
  std::string user;      ///< empty: not authenticated
  bool encrypted = false;
};

struct smtp_server_options {
  std::filesystem::path certificate{}, key{};  ///< for STARTTLS, which is offered then
  bool tls_from_start = false;
  std::string user{}, password{};  ///< required when set
  std::string mechanisms = "PLAIN LOGIN";
  std::string greeting = "220 mail.test ESMTP";
  /// The reply to a command ("." is the end of a message); empty: the usual one. A 2xx reply to "."
  /// keeps the message. "close" closes without a reply, "take" keeps the message and then closes.
  std::function<std::string(const std::string& command)> reply{};
};

class smtp_server {
 public:
  explicit smtp_server(smtp_server_options options = {})
      : options_(std::move(options)),
        tls_(options_.certificate.empty() ? tls_context(nullptr, &SSL_CTX_free)
                                          : server_tls(options_.certificate, options_.key)),
        server_([this](fault_connection& c) { serve(c); },
                options_.tls_from_start ? options_.certificate : std::filesystem::path{},
                options_.key) {}

  std::uint16_t port() const { return server_.port(); }
  int connections() const { return server_.connections(); }
  std::vector<received_mail> mails() const {
    const std::scoped_lock lock(mutex_);
    return mails_;
  }
  /// The mails, when there are `count` or the limit has passed.
  std::vector<received_mail> wait_for(std::size_t count,
                                      std::chrono::milliseconds limit = std::chrono::seconds{30}) {
    const auto end = std::chrono::steady_clock::now() + limit;
    while (mails().size() < count && std::chrono::steady_clock::now() < end) {
      std::this_thread::sleep_for(std::chrono::milliseconds{10});
    }
    return mails();
  }

 private:
  void serve(fault_connection& c) {
    if (!c.send(options_.greeting + "\r\n")) return;
    received_mail mail;
    std::string user;
    while (const auto line = c.read_line()) {
      auto reply = options_.reply ? options_.reply(*line) : std::string();
      if (reply == "close") return;
      if (reply.empty()) reply = usual_reply(c, *line, mail, user);
      if (!c.send(reply + "\r\n")) return;
      if (*line == "QUIT") return;
      if (*line == "STARTTLS" && !c.start_tls(tls_.get())) return;
      if (*line == "DATA" && reply.starts_with("354") && !take_message(c, mail, user)) return;
    }
  }

  std::string usual_reply(fault_connection& c, const std::string& line, received_mail& mail,
                          std::string& user) {
    if (line.starts_with("EHLO ")) {
      std::string extensions = "250-mail.test\r\n250-SIZE 10000000\r\n";
      if (tls_ && !c.encrypted()) extensions += "250-STARTTLS\r\n";
      if (!options_.user.empty()) extensions += "250-AUTH " + options_.mechanisms + "\r\n";
      return extensions + "250 8BITMIME";
    }
    if (line == "STARTTLS") return "220 Go ahead";
    if (line.starts_with("AUTH ")) return authenticate(c, line, user);
    if (line.starts_with("MAIL FROM:")) {
      if (user.empty() && !options_.user.empty()) return "530 5.7.0 Authentication required";
      mail.from = line.substr(10);
    }
    if (line.starts_with("RCPT TO:")) mail.to = line.substr(8);
    if (line == "DATA") return "354 End with a dot";
    return line == "QUIT" ? "221 Bye" : "250 OK";
  }

  std::string authenticate(fault_connection& c, const std::string& line, std::string& user) const {
    const auto ask = [&c](const std::string& challenge) {
      return c.send("334 " + challenge + "\r\n") ? c.read_line().value_or("") : std::string();
    };
    bool is_right = false;
    if (line == "AUTH LOGIN") {
      is_right = ask("VXNlcm5hbWU6") == mail::base64(options_.user) &&
                 ask("UGFzc3dvcmQ6") == mail::base64(options_.password);
    } else {
      const auto given = line == "AUTH PLAIN" ? ask("") : line.substr(11);
      is_right =
          given == mail::base64(std::string(1, '\0') + options_.user + '\0' + options_.password);
    }
    if (!is_right) return "535 5.7.8 Authentication failed";
    user = options_.user;
    return "235 OK";
  }

  /// False when the connection ends.
  bool take_message(fault_connection& c, received_mail& mail, const std::string& user) {
    mail.text.clear();
    while (const auto line = c.read_line()) {
      if (*line == ".") {
        auto reply = options_.reply ? options_.reply(".") : std::string();
        if (reply == "close") return false;
        if (reply.empty()) reply = "250 OK";
        if (reply == "take" || reply.starts_with('2')) keep(c, mail, user);
        return reply != "take" && c.send(reply + "\r\n");
      }
      mail.text += line->starts_with('.') ? line->substr(1) : *line;
      mail.text += "\r\n";
    }
    return false;
  }

  void keep(const fault_connection& c, received_mail& mail, const std::string& user) {
    mail.user = user;
    mail.encrypted = c.encrypted();
    const std::scoped_lock lock(mutex_);
    mails_.push_back(mail);
  }

  const smtp_server_options options_;
  const tls_context tls_;
  mutable std::mutex mutex_;
  std::vector<received_mail> mails_;
  fault_server server_;  ///< the last member: its threads use the others
};

}  // namespace stoa::test
