#include "actors/user/verification_token.hpp"

namespace stoa::user {

namespace {

constexpr std::string_view purpose = "verification_token";

}  // namespace

std::string make_verification_token(std::string_view key, verification_id id) {
  return make_id_token(key, purpose, id.value);
}

std::optional<verification_id> check_verification_token(std::string_view key,
                                                        std::string_view text) {
  const auto id = check_id_token(key, purpose, text);
  return id ? std::optional(verification_id{*id}) : std::nullopt;
}

}  // namespace stoa::user
