#pragma once
// What the operator is told of the certificate of HTTPS.

#include "net/http/server.hpp"

namespace stoa::cli {

/// Logs which certificate is shown to clients; a warning when it is not valid now, so that a clock
/// that is wrong or a renewal that failed does not keep the store from starting.
void log_certificate(const http::server& edge);

/// Reads certificate and key again. When they can't be used, the old ones stay and an error is
/// logged.
void reload_certificate(http::server& edge);

}  // namespace stoa::cli
