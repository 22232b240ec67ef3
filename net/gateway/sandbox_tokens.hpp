#pragma once
// The test tokens of the sandbox gateway, and texts for its codes.

#include <string_view>

namespace stoa::gateways {

struct token_rule {
  std::string_view token;
  std::string_view code;  // empty: approved
  bool silent = false;    // the first call gets no answer
  enum {
    none,
    confirmed,    // the customer must act, and confirms after confirm_delay
    abandoned,    // the customer must act, but never does
    no_capture,   // a capture is declined
    expires,      // a capture finds that the authorisation has expired
    first_refund  // the first refund is declined
  } behaviour = none;
};

/// Null for a token that does not exist.
const token_rule* find_rule(std::string_view token);
/// Why the token is declined; empty if it is not.
std::string_view code_of(const token_rule* rule);
/// The human-readable text of a code.
std::string_view detail_of(std::string_view code);

}  // namespace stoa::gateways
