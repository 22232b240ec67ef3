#include "net/cli/https.hpp"

#include "config/log.hpp"
#include "storage/base/time.hpp"

namespace stoa::cli {

namespace {

timestamp at(std::int64_t unix_s) {
  return {std::chrono::microseconds(std::chrono::seconds(unix_s)).count()};
}

}  // namespace

bool has_good_certificate(const http::tls_files& files) {
  const auto read = http::server({.tls = files}).reload_tls();
  if (!read) log::error("cannot enable HTTPS", {{"error", read.error().detail}});
  return read.has_value();
}

void log_certificate(const http::server& edge) {
  const auto certificate = edge.certificate();
  if (!certificate) return;
  const auto from = at(certificate->not_before_s);
  const auto until = at(certificate->not_after_s);
  const auto now = system_time().now();
  const auto write = [&](log::level level, std::string_view message) {
    log::write(level, message,
               {{"subject", certificate->subject},
                {"valid_from", from.str()},
                {"valid_until", until.str()}});
  };
  if (now > until) {
    write(log::level::warn, "the TLS certificate has expired");
  } else if (now < from) {
    write(log::level::warn, "the TLS certificate is not valid yet");
  } else {
    write(log::level::info, "TLS certificate read");
  }
}

void reload_certificate(http::server& edge) {
  if (const auto read = edge.reload_tls(); !read) {
    log::error("cannot reload the TLS certificate; keeping the current one",
               {{"error", read.error().detail}});
    return;
  }
  log_certificate(edge);
}

}  // namespace stoa::cli
