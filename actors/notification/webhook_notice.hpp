#pragma once
// The email that reports a disabled endpoint to the shop.

#include "actors/notification/templates.hpp"
#include "storage/notification/webhook.hpp"

namespace stoa::notification {

/// Text only. Contains the URL without its query, which may contain a secret.
rendered_mail render_disabled(const webhook_endpoint_row& endpoint, const std::string& store_name);

}  // namespace stoa::notification
