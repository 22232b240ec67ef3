#pragma once
// Request ids and the W3C Trace Context.

#include "net/http/message.hpp"

#include <string>
#include <string_view>

namespace stoa::front {

/// X-Request-Id of the request if it is short and harmless, else a new id.
std::string request_id_of(const http::request& r);
/// A traceparent (W3C Trace Context, version 00) for the server's spans: the client's trace id with
/// a new parent id, or a new trace when the client sent none or a malformed one. Of later versions
/// only the parts of version 00 are used.
std::string traceparent_of(const http::request& r);
/// The trace id of a traceparent, 32 hexadecimal digits; "" without one.
std::string_view trace_id_of(std::string_view traceparent);

}  // namespace stoa::front
