#include "config/load.hpp"

#include "config/config_file.hpp"
#include "config/mask.hpp"
#include "config/nearest.hpp"
#include "config/option_forms.hpp"
#include "config/option_rows.hpp"
#include "storage/base/utf8.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <unistd.h>

namespace stoa::config {
namespace {

constexpr std::string_view config_flag = "--config";
constexpr std::string_view config_env = "STOA_CONFIG";

/// The value for an error message: shortened, on one line, without secrets and passwords in URLs.
std::string display_value(const option& o, std::string_view value) {
  if (o.secret) return "the secret value";
  const std::string masked = log::masked_setting(value);
  return '"' + printable(masked.substr(0, 80)) + (masked.size() > 80 ? "...\"" : "\"");
}

template <class NameOf>
std::vector<std::string> names(std::span<const option> table, NameOf name_of) {
  std::vector<std::string> all;
  all.reserve(table.size());
  for (const auto& o : table) all.emplace_back(name_of(o));
  return all;
}

/// The setting that an unknown variable resembles: by its spelling, by the short flag
/// (STOA_LISTEN), or by the end of its name without the section (STOA_GATEWAY_TIMEOUT_MS). Empty:
/// none.
std::string resembled_setting(const std::string& variable, std::span<const option> table) {
  if (auto near = nearest(variable, names(table, env_name)); !near.empty()) return near;
  const std::string rest = variable.substr(std::string_view("STOA_").size());
  if (rest.empty()) return {};
  const bool is_compound = rest.find('_') != std::string::npos;
  for (const auto& o : table) {
    std::string alias = "--" + std::string(o.alias);
    std::ranges::transform(alias, alias.begin(), [](char c) {
      return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    });
    auto known = env_name(o);
    if (alias == "--" + rest || (is_compound && known.ends_with("_" + rest))) return known;
  }
  return {};
}

/// Error for an unknown setting; the value is hidden if the name suggests a secret.
std::string unknown(std::string_view name, std::string_view value, std::string_view origin,
                    const std::string& hint) {
  std::string lower(name.substr(0, 100));
  std::ranges::transform(lower, lower.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  bool is_secret = false;
  for (const std::string_view word : {"secret", "password", "token", "key", "credential"}) {
    is_secret = is_secret || lower.find(word) != std::string::npos;
  }
  const option as{.key = "", .at = nullptr, .help = "", .secret = is_secret};
  return "unknown setting " + std::string(name.substr(0, 100)) + " = " + display_value(as, value) +
         ", from " + std::string(origin) + hint;
}

/// Names that a container platform sets for a service named "stoa"; they are not settings.
bool is_platform_name(std::string_view name) {
  if (name.find("_SERVICE_HOST") != std::string_view::npos ||
      name.find("_SERVICE_PORT") != std::string_view::npos || name.ends_with("_PORT")) {
    return true;
  }
  const auto port = name.find("_PORT_");
  return port != std::string_view::npos && port + 6 < name.size() && name[port + 6] >= '0' &&
         name[port + 6] <= '9';
}

bool is_ignored_env(std::string_view name) {
  return name == config_env || name == password_env || name == "STOA_FAULT" ||
         name.starts_with("STOA_TEST_") || name.starts_with("STOA_BENCH_") ||
         is_platform_name(name);
}

class loader {
 public:
  explicit loader(std::span<const option> table) : table_(table) {
    result_.origins.assign(table.size(), "default");
  }

  void set(const option& o, std::string_view value, const std::string& origin) {
    if (const auto wrong = assign(o, value, result_.values)) {
      result_.errors.push_back(std::string(o.key) + ": " + display_value(o, value) + ", from " +
                               origin + ", " + *wrong + "; allowed: " + allowed_values(o));
      return;
    }
    result_.origins[static_cast<std::size_t>(&o - table_.data())] = origin;
  }

  void file(const std::string& path) {
    auto content = read_file(path);
    for (auto& e : content.errors) result_.errors.push_back(std::move(e));
    for (const auto& entry : content.entries) {
      const std::string origin = path + ":" + std::to_string(entry.line);
      if (const auto* o = find_key(table_, entry.key)) {
        set(*o, entry.value, origin);
      } else {
        result_.errors.push_back(unknown(
            entry.key, entry.value, origin,
            did_you_mean(nearest(entry.key, names(table_, [](auto& row) { return row.key; })))));
      }
    }
  }

  void environment(const std::vector<std::pair<std::string, std::string>>& variables) {
    for (const auto& variable : variables) {
      const auto& name = variable.first;
      const auto& value = variable.second;
      if (!name.starts_with("STOA_")) continue;
      const auto found = std::ranges::find_if(table_, [&](auto& o) { return env_name(o) == name; });
      if (found != table_.end()) {
        set(*found, value, name);
      } else if (!is_ignored_env(name)) {
        unknown_variable(name, value);
      }
    }
  }

  void flags(const std::vector<given_flag>& given) {
    for (const auto& f : given) {
      if (f.key == "config") continue;
      if (const auto* o = find_key(table_, f.key)) {
        set(*o, f.value, f.flag);
      } else {
        result_.errors.push_back(unknown(f.key, f.value, f.flag, ""));
      }
    }
  }

  void check_order() {
    for (const auto& rule : order_rules()) {
      const auto* low = find_key(table_, rule.low);
      const auto* high = find_key(table_, rule.high);
      if (low == nullptr || high == nullptr) continue;
      const auto low_value = *std::get<std::int64_t*>(low->at(result_.values));
      const auto high_value = *std::get<std::int64_t*>(high->at(result_.values));
      if (low_value <= high_value) continue;
      auto text = described(*low, low_value) + " is greater than " + described(*high, high_value);
      if (rule.consequence.empty()) {
        result_.errors.push_back(std::move(text));
      } else {
        result_.warnings.push_back(std::move(text) + ": " + std::string(rule.consequence));
      }
    }
  }

  /// HTTPS needs both files. With only one, the server would silently use plain HTTP.
  void check_https() {
    const auto& http = result_.values.http;
    if (http.tls_certificate.empty() == http.tls_key.empty()) return;
    const bool has_key = http.tls_certificate.empty();
    fail(std::string(has_key ? "http.tls_key" : "http.tls_certificate") + " is set and " +
         (has_key ? "http.tls_certificate" : "http.tls_key") + " is not; HTTPS needs both");
  }

  void check_edge() {
    const auto& http = result_.values.http;
    if (http.admin_routes != "listen" && http.admin_listen.empty()) {
      fail("http.admin_routes = " + http.admin_routes + " needs http.admin_listen");
    }
    if (http.proxy_protocol && http.trusted_proxies.empty()) {
      fail("http.proxy_protocol = true needs http.trusted_proxies");
    }
  }

  /// Where payments run, Stripe needs its key and the page to which it sends customers back.
  void check_stripe() {
    const auto& p = result_.values.payment;
    // Stripe keeps idempotency keys for a day: the void of a payment repeats the key of its
    // authorisation.
    constexpr std::int64_t key_s_max = 86'400;
    if (!p.stripe_key_file.empty() && p.give_up_s >= key_s_max) {
      fail("payment.give_up_s must be less than " + std::to_string(key_s_max) +
           " with payment.stripe_key_file: Stripe keeps idempotency keys for a day");
    }
    if (p.gateway != "stripe" || !runs_payments()) return;
    const std::array<std::pair<const char*, bool>, 2> needed{
        {{"payment.stripe_key_file", !p.stripe_key_file.empty()},
         {"payment.stripe_return_url", !p.stripe_return_url.empty()}}};
    for (const auto& [key, is_set] : needed) {
      if (!is_set) fail("payment.gateway = stripe needs " + std::string(key));
    }
  }

  /// What the payment methods need on each node, and where payments run.
  void check_methods() {
    const auto& p = result_.values.payment;
    const auto offers = [&](std::string_view method) {
      return std::ranges::find(p.methods, method) != p.methods.end();
    };
    if (p.methods.empty()) fail("payment.methods needs at least one method");
    if (offers("bank_transfer") && p.bank_transfer_instructions.empty()) {
      fail("payment.methods = bank_transfer needs payment.bank_transfer_instructions");
    }
    if (p.paypal_client_id.empty() != p.paypal_secret_file.empty()) {
      fail("PayPal needs payment.paypal_client_id and payment.paypal_secret_file");
    }
    if (!p.paypal_webhook_id.empty() && p.paypal_client_id.empty()) {
      fail("payment.paypal_webhook_id needs payment.paypal_client_id");
    }
    if (!offers("paypal") || !runs_payments()) return;
    const std::array<std::pair<const char*, bool>, 2> needed{
        {{"payment.paypal_client_id", !p.paypal_client_id.empty()},
         {"payment.paypal_return_url", !p.paypal_return_url.empty()}}};
    for (const auto& [key, is_set] : needed) {
      if (!is_set) fail("payment.methods = paypal needs " + std::string(key));
    }
  }

  /// An unauthenticated peer on the cluster port could run any command.
  void check_cluster() {
    const auto& c = result_.values.cluster;
    const std::array<std::pair<const char*, bool>, 3> files{
        {{"cluster.tls_certificate", !c.tls_certificate.empty()},
         {"cluster.tls_key", !c.tls_key.empty()},
         {"cluster.tls_ca", !c.tls_ca.empty()}}};
    const bool has_tls = std::ranges::any_of(files, [](const auto& f) { return f.second; });
    for (const auto& [key, is_set] : files) {
      if (has_tls && !is_set) {
        fail(std::string(key) +
             " is not set; TLS between nodes needs cluster.tls_certificate, cluster.tls_key and "
             "cluster.tls_ca");
      }
    }
    if (c.listen.empty() || has_tls || !c.secret_file.empty() || is_loopback_address(c.listen)) {
      return;
    }
    fail("cluster.listen = \"" + c.listen +
         "\" can be reached from other machines and nodes would not be authenticated; set "
         "cluster.secret_file, or cluster.tls_certificate, cluster.tls_key and cluster.tls_ca, or "
         "listen on a loopback address");
  }

  /// A password must not be sent over a connection that is not encrypted.
  void check_mail() {
    const auto& n = result_.values.notification;
    const auto retries = retry_schedule_of(n);
    if (retries.ms_min > retries.ms_max) {
      fail("notification.retry_ms_min (" + std::to_string(retries.ms_min) +
           ") must not be above notification.retry_ms_max (" + std::to_string(retries.ms_max) +
           "); 0 is the default of notification.email");
    }
    if (n.email != "smtp") return;
    if (n.smtp_host.empty()) fail("notification.email = smtp needs notification.smtp_host");
    if (n.smtp_user.empty() != n.smtp_password_file.empty()) {
      fail(
          "authentication at the mail server needs notification.smtp_user and "
          "notification.smtp_password_file");
    }
    if (!n.smtp_user.empty() && n.smtp_security != "starttls" && n.smtp_security != "tls") {
      fail("notification.smtp_user needs notification.smtp_security = starttls or tls");
    }
    if (n.dkim_selector.empty() != n.dkim_key_file.empty()) {
      fail("DKIM needs notification.dkim_selector and notification.dkim_key_file");
    }
  }

  /// What providers of text messages and push messages require.
  void check_messages() {
    const auto& n = result_.values.notification;
    const auto need = [&](const char* value, const char* key, bool is_set) {
      if (!is_set) fail(std::string("notification.") + value + " needs " + key);
    };
    if (n.sms == "twilio") {
      need("sms = twilio", "notification.twilio_account_sid", !n.twilio_account_sid.empty());
      need("sms = twilio", "notification.twilio_token_file", !n.twilio_token_file.empty());
      need("sms = twilio", "notification.sms_from or notification.twilio_messaging_service_sid",
           !n.sms_from.empty() || !n.twilio_messaging_service_sid.empty());
    } else if (n.sms == "http") {
      need("sms = http", "notification.sms_url", !n.sms_url.empty());
      need("sms = http", "notification.sms_token_file", !n.sms_token_file.empty());
    }
    if (n.push == "webpush") {
      need("push = webpush", "notification.push_contact", !n.push_contact.empty());
    }
  }

  /// What an external provider of taxes requires.
  void check_tax() {
    const auto& t = result_.values.tax;
    if (t.provider != "http") return;
    if (t.url.empty()) fail("tax.provider = http needs tax.url");
    if (t.secret_file.empty()) fail("tax.provider = http needs tax.secret_file");
  }
  /// Where uploaded files are stored.
  void check_media() {
    const auto& m = result_.values.media;
    constexpr std::size_t widths_max = 8;
    if (m.thumbnail_widths.size() > widths_max) {
      fail("media.thumbnail_widths has more than " + std::to_string(widths_max) + " widths");
    }
    if (m.store == "s3") {
      const std::array<std::pair<const char*, bool>, 5> needed{
          {{"media.s3_endpoint", !m.s3_endpoint.empty()},
           {"media.s3_bucket", !m.s3_bucket.empty()},
           {"media.s3_access_key", !m.s3_access_key.empty()},
           {"media.s3_secret_file", !m.s3_secret_file.empty()},
           {"media.public_url", !m.public_url.empty()}}};
      for (const auto& [key, is_set] : needed) {
        if (!is_set) fail("media.store = s3 needs " + std::string(key));
      }
    } else if (!result_.values.cluster.listen.empty() && m.dir.empty()) {
      result_.warnings.push_back(
          "images cannot be uploaded: cluster.listen is set, and other nodes do not see the data "
          "folder; set media.dir to a folder that all nodes share, or media.store = s3");
    }
  }
  void check_search() {
    for (auto& fault : search_faults(result_.values.search)) fail(std::move(fault));
  }

  void fail(std::string what) { result_.errors.push_back(std::move(what)); }
  loaded take() { return std::move(result_); }

 private:
  bool runs_payments() const {
    return std::ranges::any_of(result_.values.node.services,
                               [](const auto& r) { return r == "all" || r == "payment"; });
  }

  /// An error if the name resembles a setting, otherwise a warning: other programs may use names
  /// that begin with STOA_.
  void unknown_variable(const std::string& name, const std::string& value) {
    const auto suggestion = resembled_setting(name, table_);
    if (suggestion.empty()) {
      result_.warnings.push_back("the environment variable " + name.substr(0, 100) +
                                 " is not a setting and is ignored");
    } else {
      result_.errors.push_back(unknown(name, value, "the environment", did_you_mean(suggestion)));
    }
  }

  std::string described(const option& o, std::int64_t value) const {
    return std::string(o.key) + " = " + std::to_string(value) + " (from " +
           result_.origins[static_cast<std::size_t>(&o - table_.data())] + ")";
  }

  std::span<const option> table_;
  loaded result_;
};

std::string config_path(const sources& from) {
  std::string path;
  for (const auto& [name, value] : from.environment) {
    if (name == config_env) path = value;
  }
  for (const auto& f : from.flags) {
    if (f.key == "config") path = f.value;
  }
  return path;
}

bool is_bool(const option& o) {
  settings s;
  return std::holds_alternative<bool*>(o.at(s));
}

}  // namespace

std::vector<given_flag> take_flags(std::vector<std::string>& args, std::vector<std::string>& errors,
                                   std::span<const option> table) {
  std::map<std::string, const option*, std::less<>> known{{std::string(config_flag), nullptr}};
  for (const auto& o : table) {
    known[flag_name(o)] = &o;
    if (!o.alias.empty()) known["--" + std::string(o.alias)] = &o;
  }
  std::vector<given_flag> taken;
  std::vector<std::string> left;
  std::size_t i = 0;
  for (; i < args.size() && args[i] != "--"; ++i) {
    const auto equals = args[i].find('=');
    const std::string flag = args[i].substr(0, equals);
    const auto found = known.find(flag);
    if (found == known.end()) {
      left.push_back(args[i]);
      continue;
    }
    const option* o = found->second;
    given_flag given{flag, o == nullptr ? "config" : std::string(o->key), ""};
    if (equals != std::string::npos) {
      given.value = args[i].substr(equals + 1);
    } else if (o != nullptr && is_bool(*o)) {
      const bool has_value = i + 1 < args.size() && parse_boolean(args[i + 1]);
      given.value = has_value ? args[++i] : "true";
    } else if (i + 1 < args.size()) {
      given.value = args[++i];
    } else {
      errors.push_back(flag + " needs a value; allowed: " +
                       (o == nullptr ? "the path of a settings file" : allowed_values(*o)));
      continue;
    }
    taken.push_back(std::move(given));
  }
  left.insert(left.end(), args.begin() + static_cast<std::ptrdiff_t>(i), args.end());
  args = std::move(left);
  return taken;
}

std::vector<std::pair<std::string, std::string>> stoa_environment() {
  std::vector<std::pair<std::string, std::string>> found;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const auto equals = text.find('=');
    if (!text.starts_with("STOA_") || equals == std::string_view::npos) continue;
    found.emplace_back(text.substr(0, equals), text.substr(equals + 1));
  }
  std::ranges::sort(found);
  return found;
}

loaded load(const sources& from, std::span<const option> table) {
  loader l(table);
  for (const auto& f : from.flags) {
    if (f.key == "config" && f.value.empty()) l.fail(f.flag + " needs the path of a settings file");
  }
  if (const auto path = config_path(from); !path.empty()) l.file(path);
  l.environment(from.environment);
  l.flags(from.flags);
  l.check_order();
  l.check_https();
  l.check_edge();
  l.check_cluster();
  l.check_stripe();
  l.check_methods();
  l.check_mail();
  l.check_messages();
  l.check_tax();
  l.check_media();
  l.check_search();
  return l.take();
}

}  // namespace stoa::config
