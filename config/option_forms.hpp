#pragma once
// Format checks of text settings.

#include <string_view>

namespace stoa::config {

/// host:port with an IPv6 address in brackets and a port from 0 to 65535.
bool is_listen_address(std::string_view text);
/// "*" or scheme://host[:port], without a path, as a browser sends it in Origin (RFC 6454).
bool is_cors_origin(std::string_view text);
/// A currency code of currencies.hpp.
bool is_currency_code(std::string_view text);
bool is_locale(std::string_view text);
/// Name <local@domain>, or local@domain alone.
bool is_mail_sender(std::string_view text);
/// 1 to 200 characters.
bool is_store_name(std::string_view text);
bool is_not_empty(std::string_view text);
/// A method that payment.methods can list.
bool is_payment_method(std::string_view text);
/// A rule by which locations are chosen (actors/catalog/allocation.hpp).
bool is_allocation_rule(std::string_view text);
/// At most 500 bytes without control characters.
bool is_short_line_or_empty(std::string_view text);
/// Empty, or an http:// or https:// URL of at most 500 visible ASCII characters.
bool is_link_or_empty(std::string_view text);
/// The same, ending in ?token= or &token=.
bool is_token_link_or_empty(std::string_view text);
/// An http:// or https:// URL without a query, a fragment or a trailing slash.
bool is_base_url(std::string_view text);
bool is_base_url_or_empty(std::string_view text);
/// The name of an event with a short text (actors/notification/short_texts.hpp).
bool is_short_kind(std::string_view text);
/// Empty, or 1 to 20 visible characters or spaces.
bool is_sms_sender_or_empty(std::string_view text);
/// Empty, or the id of an account or a messaging service at Twilio.
bool is_account_sid_or_empty(std::string_view text);
bool is_service_sid_or_empty(std::string_view text);
/// Empty, mailto: and an address, or an https:// URL (RFC 8292, section 2.1).
bool is_contact_or_empty(std::string_view text);
bool is_listen_address_or_empty(std::string_view text);
/// host:port with a host of 127.0.0.0/8, [::1] or localhost.
bool is_loopback_address(std::string_view text);
/// Empty, or a host name or IPv4 address, or an IPv6 address in brackets.
bool is_host_or_empty(std::string_view text);
/// postgresql://... with {service} and without a password.
bool is_postgres_url(std::string_view text);
bool is_postgres_url_or_empty(std::string_view text);
/// redis://host[:port][/number] or rediss://..., without a user or password.
bool is_redis_url(std::string_view text);
/// nats://host[:port] or tls://host[:port], without a user or password.
bool is_nats_url(std::string_view text);
/// 1 to 32 of a-z, 0-9, _ and -.
bool is_plain_name(std::string_view text);
/// 1 to 64 of a-z, 0-9, _ and -, the first not _ or -: a name that search engines accept.
bool is_index_name(std::string_view text);
/// 1 to 64 of a-z, 0-9, ., _ and -.
bool is_node_name(std::string_view text);
/// host:port with a port above 0.
bool is_peer(std::string_view text);
/// An address, or a network in CIDR notation without host bits (ip_network.hpp).
bool is_network(std::string_view text);

}  // namespace stoa::config
