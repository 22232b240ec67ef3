#include "actors/kernel/entity_tag.hpp"

#include "storage/base/text.hpp"

#include <algorithm>

namespace stoa::kernel {

namespace {

constexpr std::size_t hash_bytes = 12;

bool has(const std::vector<std::string>& tags, std::string_view tag) {
  return std::find(tags.begin(), tags.end(), tag) != tags.end();
}

}  // namespace

std::string entity_tag(std::string_view representation) {
  return text::base64url(text::short_hash(representation).substr(0, hash_bytes));
}

std::optional<problem> check_precondition(const precondition& asked, std::string_view tag) {
  if (asked.match && !has(*asked.match, tag)) {
    return problem{problem_kind::precondition_failed,
                   "precondition_failed",
                   "The resource has changed: If-Match does not match its current ETag.",
                   {{"#If-Match", "outdated", "fetch the resource again"}}};
  }
  if (asked.absent || has(asked.differ, tag)) {
    return problem{problem_kind::precondition_failed,
                   "precondition_failed",
                   "The resource matches If-None-Match.",
                   {{"#If-None-Match", "exists", "fetch the resource again"}}};
  }
  return std::nullopt;
}

}  // namespace stoa::kernel
