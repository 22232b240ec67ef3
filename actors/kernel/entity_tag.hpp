#pragma once
// Entity tags (RFC 9110, section 8.8.3). A tag is a hash of the representation, so that the edge,
// which has the answer, and a decision, which has the records, compute the same tag.

#include "actors/kernel/precondition.hpp"
#include "storage/base/json_write.hpp"
#include "storage/base/problem.hpp"

#include <concepts>
#include <optional>
#include <string>
#include <string_view>

namespace stoa::kernel {

/// The opaque tag of a representation, without quotes: letters, digits, '-' and '_'.
std::string entity_tag(std::string_view representation);

/// precondition_failed when the precondition does not hold for an existing resource with this tag.
std::optional<problem> check_precondition(const precondition& asked, std::string_view tag);

/// The same with the view of the resource before the change; `view` is called only if there is a
/// precondition. Decisions call it after checking that the resource exists and that the caller may
/// change it, and before they check the change (RFC 9110, section 13.2.1).
template <std::invocable View>
std::optional<problem> check_precondition(const std::optional<precondition>& asked, View view) {
  if (!asked) return std::nullopt;
  return check_precondition(*asked, entity_tag(json::write(view())));
}

/// The same for a resource that may not exist yet, and is created then: If-Match does not hold.
template <std::invocable View>
std::optional<problem> check_precondition(const std::optional<precondition>& asked, bool exists,
                                          View view) {
  if (exists) return check_precondition(asked, view);
  if (!asked || !asked->match) return std::nullopt;
  return check_precondition({.match = asked->match, .differ = {}}, std::string_view());
}

}  // namespace stoa::kernel
