#pragma once
// A substitute for the sealer of secrets.

#include "actors/kernel/writer_core.hpp"

namespace stoa::test {

/// Reverses the text after a prefix, which shows that it was called.
struct toy_sealer final : kernel::sealer {
  std::string seal(std::string_view plain) const override {
    return "sealed:" + std::string(plain.rbegin(), plain.rend());
  }
  std::optional<std::string> open(std::string_view sealed) const override {
    if (!sealed.starts_with("sealed:")) return std::nullopt;
    sealed.remove_prefix(7);
    return std::string(sealed.rbegin(), sealed.rend());
  }
  std::string fingerprint(std::string_view plain) const override {
    return "fingerprint:" + std::string(plain);
  }
};

}  // namespace stoa::test
