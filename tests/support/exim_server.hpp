#pragma once
// Exim on the loopback, with a separate configuration in a temporary folder.

#include "tests/support/system_server.hpp"

#include <filesystem>
#include <string>

namespace stoa::test {

/// Offers STARTTLS, and then AUTH for the user "shop" with the password "s3cret", which it
/// requires. It replies 550 to the recipient missing@..., and 451 to later@... until
/// accept_later(). It rejects mails with "refused" in their subject, and those of more than
/// 100 KiB. Mails are delivered to an mbox file.
class exim_server : public system_server {
 public:
  static bool available();
  exim_server();

  void accept_later();
  std::filesystem::path mails() const { return dir_ / "mail"; }
};

}  // namespace stoa::test
