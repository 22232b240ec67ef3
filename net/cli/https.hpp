#pragma once
// What the operator is told of the certificate of HTTPS.

#include "net/http/server.hpp"

namespace stoa::cli {

/// Whether the files can be used; logs an error that names the file when not. Asked before anything
/// else starts, so that a bad certificate neither touches a database nor takes part in a cluster.
bool has_good_certificate(const http::tls_files& files);

/// Logs which certificate is shown to clients; a warning when it is not valid now, so that a clock
/// that is wrong or a renewal that failed does not keep the store from starting.
void log_certificate(const http::server& edge);

/// Reads certificate and key again. When they can't be used, the old ones stay and an error is
/// logged.
void reload_certificate(http::server& edge);

}  // namespace stoa::cli
