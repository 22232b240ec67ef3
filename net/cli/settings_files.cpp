#include "net/cli/settings_files.hpp"

#include "actors/notification/template_library.hpp"
#include "net/cli/store.hpp"
#include "net/mail/smtp.hpp"
#include "net/outbound/connection_guard.hpp"
#include "net/search/engine_client.hpp"
#include "net/tax/tax_client.hpp"
#include "net/token/secret_lines.hpp"

#include <stdexcept>

namespace stoa::cli {

namespace {

class fault_list {
 public:
  void check_secret(const char* key, const std::string& file) {
    if (!file.empty()) note(key, token::read_secret(file));
  }
  void check_secrets(const char* key, const std::string& file) {
    if (!file.empty()) note(key, token::read_secret_lines(file));
  }
  template <class T>
  void note(const char* key, const result<T>& content) {
    if (!content) all.push_back(std::string(key) + ": " + content.error().detail);
  }

  std::vector<std::string> all;
};

void check_gateways(const payment_settings& p, fault_list& faults) {
  faults.check_secret("payment.stripe_key_file", p.stripe_key_file);
  faults.check_secrets("payment.stripe_webhook_secrets_file", p.stripe_webhook_secrets_file);
  faults.check_secret("payment.paypal_secret_file", p.paypal_secret_file);
}

/// The password, the DKIM key and the certificate authorities.
void check_mail_server(const notification_settings& n, fault_list& faults) {
  if (const auto options = mail::smtp_options_of(n); !options) {
    faults.all.push_back(options.error().detail);
  }
  try {
    outbound::authorities trusted(n.smtp_ca_file);
  } catch (const std::runtime_error& e) {
    faults.all.push_back("notification.smtp_ca_file: " + std::string(e.what()));
  }
}

void check_messages(const notification_settings& n, bool sends, fault_list& faults) {
  if (n.sms == "twilio") {
    faults.check_secrets("notification.twilio_token_file", n.twilio_token_file);
  } else if (n.sms == "http") {
    if (sends) faults.check_secrets("notification.sms_token_file", n.sms_token_file);
    faults.check_secrets("notification.sms_callback_secrets_file", n.sms_callback_secrets_file);
  }
}

void check_search(const search_settings& s, fault_list& faults) {
  if (s.engine == "builtin") return;
  if (const auto options = search::engine_options_of(s, nullptr); !options) {
    faults.all.push_back(options.error().detail);
  }
  try {
    outbound::authorities trusted(s.ca_file);
  } catch (const std::runtime_error& e) {
    faults.all.push_back("search.ca_file: " + std::string(e.what()));
  }
}

}  // namespace

std::vector<std::string> file_faults(const settings& s) {
  fault_list faults;
  const auto& n = s.notification;
  const bool sends = runs_here(s, "notification");
  check_gateways(s.payment, faults);
  if (s.tax.provider == "http" && runs_here(s, "front")) {
    faults.note("tax.secret_file", tax::signing_key_of(s.tax));
  }
  if (sends && n.email == "smtp") check_mail_server(n, faults);
  check_messages(n, sends, faults);
  check_search(s.search, faults);
  const notification::template_library parsed(n.templates_dir, faults.all);  // adds its faults
  return faults.all;
}

}  // namespace stoa::cli
