#pragma once
// The codes of problem documents: one table for the OpenAPI document and docs/errors.md.
// tests/unit/errors_document_test.cpp fails when the sources have a code that is not here.

#include "net/front/route.hpp"

#include <span>
#include <string>
#include <string_view>

namespace stoa::front {

/// One problem that a client can be answered with.
struct problem_entry {
  int status;
  std::string_view code;
  std::string_view meaning;
  std::string_view remedy;
  /// Where it occurs: operationIds, or one of the words any, edge, body, key, limited, bad_token,
  /// role, list, search, path, if_match, condition, card, change, write, method; separated by
  /// spaces.
  std::string_view where;
};

/// One code of a member of a problem's `errors`.
struct field_kind {
  std::string_view code;
  std::string_view meaning;
};

/// In the order of the statuses.
std::span<const problem_entry> problem_entries();
std::span<const field_kind> field_kinds();

/// Whether the route can answer with it. What the edge answers before it knows the route is left
/// out.
bool occurs(const problem_entry& kind, const route& r);
/// The statuses of errors that the route can answer with, in ascending order.
std::vector<int> error_statuses(const route& r);

/// docs/errors.md.
std::string errors_document();

}  // namespace stoa::front
