#pragma once
// A push service on the loopback, over TLS.

#include "tests/support/answering_server.hpp"
#include "tests/support/push_browser.hpp"
#include "tests/support/storefront.hpp"

#include <atomic>

namespace stoa::test {

class push_server {
 public:
  explicit push_server(const temp_dir& dir)
      : certificate_(make_certificate(dir)),
        server_([this](auto&&...) { return http_reply(status); }, certificate_, dir / "push.key") {}

  /// Of its answers.
  std::atomic<int> status{201};

  answering_server& server() { return server_; }
  /// The settings with which the program sends to this server.
  environment settings() const {
    return {{"SSL_CERT_FILE", certificate_.string()},
            {"STOA_NOTIFICATION_PUSH", "webpush"},
            {"STOA_NOTIFICATION_PUSH_CONTACT", "mailto:shop@example.org"},
            {"STOA_NOTIFICATION_PUSH_ALLOWED_NETWORKS", "127.0.0.1"},
            {"STOA_NOTIFICATION_ORDER_URL", "https://shop.example/orders/"},
            {"STOA_NOTIFICATION_RETRY_MS_MIN", "100"}};
  }
  /// What a browser sends to subscribe.
  std::string subscription(const push_browser& browser, const std::string& path) const {
    return R"({"endpoint":")" + server_.url() + path + R"(","expirationTime":null,"keys":{)" +
           R"("p256dh":")" + browser.p256dh_text() + R"(","auth":")" + browser.auth_text() + "\"}}";
  }

 private:
  static std::filesystem::path make_certificate(const temp_dir& dir) {
    const auto done = run_program(
        "/usr/bin/openssl",
        {"req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
         "-days", "2", "-subj", "/CN=push", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout",
         (dir / "push.key").string(), "-out", (dir / "push.crt").string()});
    if (done.exit_code != 0) throw std::runtime_error(done.output);
    return dir / "push.crt";
  }

  std::filesystem::path certificate_;
  answering_server server_;
};

}  // namespace stoa::test
