#pragma once
// Logging about the TLS certificate.

#include "net/http/server.hpp"

namespace stoa::cli {

/// Whether the files are usable; logs an error with the file name if not. Called before anything
/// else starts, so that a bad certificate affects neither databases nor the cluster.
bool has_good_certificate(const http::tls_files& files);

/// Logs the certificate in use; a warning when it is not valid now, because a wrong clock or a
/// failed renewal must not prevent startup.
void log_certificate(const http::server& edge);

/// Reloads certificate and key. On failure logs an error and keeps the current ones.
void reload_certificate(http::server& edge);

}  // namespace stoa::cli
