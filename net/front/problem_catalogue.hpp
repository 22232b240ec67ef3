#pragma once
// The codes of problem documents: one table for the OpenAPI document and docs/errors.md.
// tests/unit/errors_document_test.cpp fails when a code in the sources is missing here.

#include "net/front/route.hpp"

#include <span>
#include <string>
#include <string_view>

namespace stoa::front {

/// One problem code of the API.
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

/// Ordered by status.
std::span<const problem_entry> problem_entries();
std::span<const field_kind> field_kinds();

/// Whether the route can respond with it. Errors before routing are excluded.
bool occurs(const problem_entry& kind, const route& r);
/// The error statuses of the route, in ascending order.
std::vector<int> error_statuses(const route& r);

/// The text of docs/errors.md.
std::string errors_document();

}  // namespace stoa::front
