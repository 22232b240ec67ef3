#pragma once
// An email for tests.

#include "actors/notification/channel.hpp"

#include <string>

namespace stoa::test {

inline notification::outgoing sample_mail(
    std::string key = "019368a0-0000-7000-8000-000000000001") {
  return {.key = std::move(key),
          .to = "ada@example.org",
          .from = "Tea & Co <shop@example.com>",
          .subject = "Your order is confirmed",
          .text = "Hello,\n\nthank you.\n",
          .html = "<p>Hello,</p>\n<p>thank you.</p>\n",
          .date = timestamp::parse("2026-11-22T19:57:59Z").value()};
}

/// Lines that coding, mbox files and SMTP could alter.
inline std::string hard_mail_text() {
  return "Liebe Grüße, 你好, 🐎\n.\nFrom here\n" + std::string(300, 'x') +
         "\ntrailing blank \ntab\t\n=3D=\n" + std::string(200, '=') + "\n" + std::string(74, 'a') +
         " b\n";
}

}  // namespace stoa::test
