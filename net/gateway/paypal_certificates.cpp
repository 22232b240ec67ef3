#include "net/gateway/paypal_certificates.hpp"

#include "actors/payment/gateway.hpp"
#include "config/log.hpp"
#include "net/gateway/paypal.hpp"

#include <algorithm>

namespace stoa::gateways {

namespace {

using clock_of_certificates = std::chrono::steady_clock;

constexpr std::size_t certificates_max = 16;
/// PayPal can withdraw a certificate.
constexpr std::chrono::hours certificate_lifetime{24};
constexpr std::size_t certificate_bytes_max = 64 * 1024;
constexpr std::size_t certificate_id_bytes_max = 128;
constexpr std::size_t fetches_in_flight_max = 8;
constexpr std::size_t fetches_queued_max = 56;
/// Of unknown certificates: the other places are for those that were known.
constexpr std::size_t unknown_fetches_max = 48;
constexpr std::size_t waiting_for_fetch_max = 64;
/// A client whose fetch has failed causes no other one for this time.
constexpr std::chrono::seconds failure_pause{10};
constexpr std::size_t failures_max = 1024;
constexpr int certificate_missing = 404;

problem no_such_certificate() {
  return payment::webhook_rejected("webhook_signature_invalid",
                                   "The certificate of the signature is not PayPal's.");
}

problem certificate_unavailable() {
  return {problem_kind::unavailable,
          "webhook_unverified",
          "The certificate of the signature is not available. Send the webhook again later.",
          {}};
}

outbound::client_config certificate_client(prometheus::Registry* metrics) {
  auto c = paypal_client_config("paypal_certificates", fetches_in_flight_max, metrics);
  c.queued_max = fetches_queued_max;
  return c;
}

bool is_certificate_id(std::string_view id) {
  return !id.empty() && id.size() <= certificate_id_bytes_max &&
         std::ranges::all_of(id, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '-' || c == '_';
         });
}

}  // namespace

paypal_certificates::paypal_certificates(std::string base_url, std::chrono::milliseconds timeout,
                                         prometheus::Registry* metrics)
    : base_url_(std::move(base_url)), timeout_(timeout), client_(certificate_client(metrics)) {}

/// Certificates of the live system are at api.paypal.com, those of the sandbox at
/// api.sandbox.paypal.com, while the API's address begins with "api-m.".
bool paypal_certificates::is_address(std::string_view url) const {
  const auto is_at = [&](const std::string& base) {
    const auto start = base + std::string(paypal_certificates_path);
    return url.starts_with(start) && is_certificate_id(url.substr(start.size()));
  };
  constexpr std::string_view api = "https://api-m.";
  if (is_at(base_url_)) return true;
  return base_url_.starts_with(api) && base_url_.ends_with(".paypal.com") &&
         is_at("https://api." + base_url_.substr(api.size()));
}

paypal_certificates::known* paypal_certificates::find_known(const std::string& url) {
  const auto found = std::ranges::find(known_, url, &known::url);
  return found == known_.end() ? nullptr : &*found;
}

bool paypal_certificates::may_fetch(std::uint64_t client, instant now) {
  while (!failures_.empty() && failures_.front().first + failure_pause <= now) {
    failures_.pop_front();
  }
  const auto is_of_client = [&](const auto& f) { return f.second.client == client; };
  return fetches_.size() < unknown_fetches_max &&
         std::ranges::find(failures_, client, [](const auto& f) { return f.second; }) ==
             failures_.end() &&
         std::ranges::none_of(fetches_, is_of_client);
}

void paypal_certificates::find(const std::string& url, std::uint64_t client, callback done) {
  if (!is_address(url)) return done(no_such_certificate());
  result<paypal_certificate> outcome = certificate_unavailable();
  bool starts = false;
  {
    const std::scoped_lock lock(mutex_);
    const auto now = clock_of_certificates::now();
    const auto* cached = find_known(url);
    const auto open = fetches_.find(url);
    if (cached && now < cached->good_until) {
      outcome = cached->certificate;
    } else if (open != fetches_.end()) {
      auto& waiting = open->second.waiting;
      if (waiting.size() < waiting_for_fetch_max) waiting.push_back(std::exchange(done, {}));
    } else if (cached || may_fetch(client, now)) {
      fetches_[url] = {client, {std::exchange(done, {})}};
      starts = true;
    }
  }
  if (starts) start(url);
  if (done) done(outcome);
}

void paypal_certificates::start(const std::string& url) {
  outbound::request r;
  r.url = url;
  r.timeout = timeout_;
  r.response_bytes_max = certificate_bytes_max;
  client_.submit(std::move(r), [this, url](const outbound::completion& c) { finish(url, c); });
}

void paypal_certificates::finish(const std::string& url, const outbound::completion& c) {
  fetch ended;
  result<paypal_certificate> outcome = certificate_unavailable();
  {
    const std::scoped_lock lock(mutex_);
    ended = std::move(fetches_.extract(url).mapped());
    outcome = outcome_of(url, c);
    if (!outcome) {
      if (failures_.size() == failures_max) failures_.pop_front();
      failures_.emplace_back(clock_of_certificates::now(), ended.client);
    }
  }
  if (!outcome) {
    log::warn("no certificate from PayPal for a webhook",
              {{"url", url}, {"http.response.status_code", c.answer.status}, {"error", c.detail}});
  }
  for (const auto& done : ended.waiting) done(outcome);
}

result<paypal_certificate> paypal_certificates::outcome_of(const std::string& url,
                                                           const outbound::completion& c) {
  if (c.how != outbound::outcome::completed) return certificate_unavailable();
  if (c.answer.status == certificate_missing) {
    std::erase_if(known_, [&](const known& k) { return k.url == url; });
    return no_such_certificate();
  }
  auto certificate = c.answer.status == 200 ? read_paypal_certificate(c.answer.body) : nullptr;
  if (!certificate) return certificate_unavailable();
  keep(url, certificate);
  return certificate;
}

void paypal_certificates::keep(const std::string& url, paypal_certificate certificate) {
  std::erase_if(known_, [&](const known& k) { return k.url == url; });
  if (known_.size() == certificates_max) known_.erase(known_.begin());
  known_.push_back(
      {url, std::move(certificate), clock_of_certificates::now() + certificate_lifetime});
}

}  // namespace stoa::gateways
