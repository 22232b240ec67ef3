#pragma once
// Request ids and the W3C Trace Context.

#include "net/http/message.hpp"

#include <string>
#include <string_view>

namespace stoa::front {

/// X-Request-Id as the client sent it if it is short and harmless, else a new one.
std::string request_id_of(const http::request& r);
/// A traceparent (W3C Trace Context, version 00) for our part of the work: the client's trace with
/// a new parent id, or a new trace when the client sent none or a malformed one. Of later versions
/// the parts that version 00 has are taken over.
std::string traceparent_of(const http::request& r);
/// The trace id in a traceparent, 32 hexadecimal digits; "" when it has none.
std::string_view trace_id_of(std::string_view traceparent);

}  // namespace stoa::front
