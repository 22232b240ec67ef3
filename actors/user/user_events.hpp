#pragma once
// What the User service tells the world.

#include "storage/base/describe.hpp"
#include "storage/base/uuid.hpp"

namespace stoa::user {

/// The account is gone, with all personal data that this service had of it.
struct user_deleted {
  static constexpr std::string_view name = "user.deleted";
  stoa::user_id user_id;
};
BOOST_DESCRIBE_STRUCT(user_deleted, (), (user_id))

}  // namespace stoa::user
