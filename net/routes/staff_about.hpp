#pragma once
// The common properties of routes for staff.

#include "net/front/route.hpp"

namespace stoa::front {

inline about for_staff(std::string id, std::string summary, std::vector<int> success = {200},
                       std::vector<int> errors = {404}) {
  return {.id = std::move(id),
          .tag = "admin",
          .summary = std::move(summary),
          .who = access::staff,
          .success = std::move(success),
          .errors = std::move(errors)};
}

/// The same for changes of a resource that has an ETag.
inline about for_staff_if_match(std::string id, std::string summary,
                                std::vector<int> success = {200},
                                std::vector<int> errors = {404, 412, 422}) {
  auto info = for_staff(std::move(id), std::move(summary), std::move(success), std::move(errors));
  info.if_match = true;
  return info;
}

}  // namespace stoa::front
