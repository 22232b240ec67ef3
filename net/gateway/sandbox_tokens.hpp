#pragma once
// The test tokens of the sandbox, and what its codes mean.

#include <string_view>

namespace stoa::gateways {

struct token_rule {
  std::string_view token;
  std::string_view code;  // empty: it pays
  bool silent = false;    // the first call is not answered
  enum {
    none,
    confirmed,    // the customer must act, and does after confirm_delay
    abandoned,    // the customer must act, and never does
    no_capture,   // a capture is declined
    first_refund  // the first refund is declined
  } twist = none;
};

/// Null for a token that does not exist.
const token_rule* find_rule(std::string_view token);
/// Why the token is declined; empty when it is not.
std::string_view code_of(const token_rule* rule);
/// A code for people.
std::string_view detail_of(std::string_view code);

}  // namespace stoa::gateways
