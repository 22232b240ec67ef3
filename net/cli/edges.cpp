#include "net/cli/edges.hpp"

#include "config/log.hpp"
#include "config/settings.hpp"
#include "net/cli/https.hpp"

#include <algorithm>
#include <thread>

namespace stoa::cli {

namespace {

using std::chrono::milliseconds;

/// Limits of the admin listener: a few operators, probes and a scraper.
constexpr std::size_t admin_connections_max = 256;
constexpr std::size_t admin_connections_per_address_max = 64;
constexpr std::size_t admin_bodies_bytes_max = 8 << 20;
/// Drain time of the admin listener.
constexpr milliseconds admin_drain_limit{500};

http::forwarded_field forwarded_field_of(const std::string& name) {
  if (name == "Forwarded") return http::forwarded_field::forwarded;
  return name == "none" ? http::forwarded_field::none : http::forwarded_field::x_forwarded_for;
}

void log_refusal(const http::refusal& r) {
  log::info_limited("request rejected at the edge", {{"request_id", r.request_id},
                                                     {"client.address", r.remote_address},
                                                     {"code", r.reason.code},
                                                     {"detail", r.reason.detail},
                                                     {"suppressed", r.suppressed}});
}

void log_pressure(const http::pressure& p) {
  log::warn("HTTP limits reached",
            {{"connections_refused", p.connections_refused},
             {"connections_refused_by_address", p.connections_refused_by_address},
             {"connections_closed_idle", p.connections_closed_idle},
             {"bodies_refused", p.bodies_refused},
             {"allocation_failures", p.allocation_failures},
             {"connections_open", p.connections_open}});
}

/// Settings common to both listeners.
http::server_config common_config(const settings& s, const std::string& listen,
                                  front::access_log* access) {
  http::server_config c;
  const auto at = parse_listen_address(listen);
  c.address = at.host;
  c.port = at.port;
  c.header_bytes_max = static_cast<std::size_t>(s.http.header_bytes_max);
  // Each route has its limit; only those of imports and images exceed http.body_bytes_max.
  c.body_bytes_max = static_cast<std::size_t>(
      std::max({s.http.body_bytes_max, s.catalog.import_bytes_max, s.media.image_bytes_max}));
  c.timeouts.header = milliseconds{s.http.header_timeout_ms};
  c.timeouts.body = milliseconds{s.http.body_timeout_ms};
  c.timeouts.idle = milliseconds{s.http.idle_timeout_ms};
  c.timeouts.write = milliseconds{s.http.write_timeout_ms};
  // Last resort: shorter than this are a request's deadline plus the longest checkout wait.
  c.timeouts.handler =
      milliseconds{s.http.request_timeout_ms + s.order.checkout_wait_ms_max + 5000};
  c.cors_origins = s.http.cors_origins;
  c.tls = {s.http.tls_certificate, s.http.tls_key};
  c.addresses.trusted_proxies = parse_networks(s.http.trusted_proxies);
  c.addresses.field = forwarded_field_of(s.http.forwarded_field);
  c.addresses.exempt = parse_networks(s.limits.exempt_addresses);
  c.on_refusal = log_refusal;
  if (access) {
    c.on_server_response = [access](const http::server_response& a) { access->answered(a); };
  }
  c.on_pressure = log_pressure;
  return c;
}

http::server_config store_config(const settings& s, front::front_end& front,
                                 front::access_log* access) {
  auto c = common_config(s, s.http.listen, access);
  c.io_threads = io_threads_of(s);
  c.connections_max = static_cast<std::size_t>(s.http.connections_max);
  c.connections_per_address_max = static_cast<std::size_t>(s.limits.connections_per_address_max);
  c.unfinished_bodies_bytes_max = static_cast<std::size_t>(s.http.unfinished_bodies_bytes_max);
  c.addresses.proxy_protocol = s.http.proxy_protocol;
  c.on_body = front.body_rule(front::listener::store);
  return c;
}

http::server_config admin_config(const settings& s, front::front_end& front,
                                 front::access_log* access) {
  auto c = common_config(s, s.http.admin_listen, access);
  c.connections_max = admin_connections_max;
  c.connections_per_address_max = admin_connections_per_address_max;
  c.unfinished_bodies_bytes_max = admin_bodies_bytes_max;
  // A growing body buffer briefly holds two copies.
  if (s.http.admin_routes != "listen") c.unfinished_bodies_bytes_max += 2 * c.body_bytes_max;
  c.on_body = front.body_rule(front::listener::admin);
  return c;
}

}  // namespace

listen_address parse_listen_address(const std::string& text) {
  const auto colon = text.rfind(':');
  listen_address a{text.substr(0, colon),
                   static_cast<std::uint16_t>(std::stoi(text.substr(colon + 1)))};
  if (a.host.starts_with('[')) a.host = a.host.substr(1, a.host.size() - 2);
  return a;
}

std::size_t io_threads_of(const settings& s) {
  if (s.http.threads > 0) return static_cast<std::size_t>(s.http.threads);
  return std::max(1U, std::thread::hardware_concurrency());
}

edges::edges(const settings& s, front::front_end& front, front::access_log* access)
    : settings_(s), front_(front), store_(store_config(s, front, access)) {
  front_.watch("store", store_);
  if (s.http.admin_listen.empty()) return;
  admin_.emplace(admin_config(s, front, access));
  front_.watch("admin", *admin_);
}

bool edges::start() {
  // Admin listener first, so that startup can be monitored.
  if (admin_ &&
      !start(*admin_, settings_.http.admin_listen, front::listener::admin, "listening (admin)")) {
    return false;
  }
  if (!start(store_, settings_.http.listen, front::listener::store, "listening")) return false;
  if (!settings_.http.tls_certificate.empty()) log_certificate(store_);
  return true;
}

bool edges::start(http::server& server, const std::string& address, front::listener where,
                  const char* message) {
  const auto port = server.start(front_.handler(where));
  if (!port) {
    log::error("cannot listen", {{"address", address}, {"error", port.error().detail}});
    return false;
  }
  const std::string scheme = settings_.http.tls_certificate.empty() ? "http://" : "https://";
  const auto host = address.substr(0, address.rfind(':') + 1);
  log::info(message, {{"url", scheme + host + std::to_string(*port)},
                      {"data", settings_.data.dir},
                      {"version", STOA_VERSION}});
  return true;
}

void edges::reload_certificate() {
  cli::reload_certificate(store_);
  if (!admin_) return;
  if (const auto read = admin_->reload_tls(); !read) {
    log::error("cannot reload the TLS certificate; keeping the current one",
               {{"error", read.error().detail}});
  }
}

bool edges::drain(milliseconds limit) {
  return store_.drain(limit);
}

void edges::stop() {
  store_.stop();
  if (!admin_) return;
  admin_->drain(admin_drain_limit);
  admin_->stop();
}

}  // namespace stoa::cli
