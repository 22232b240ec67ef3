#pragma once
// Mistyped words of a search.

#include "storage/db/connection.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace stoa::catalog {

/// How alike two words of ASCII letters and digits are, 0 to 1: the share of three-letter pieces
/// that they have in common, as PostgreSQL's pg_trgm counts it.
float similarity(std::string_view a, std::string_view b);

/// For a search (search_text.hpp) that found nothing: the expression with each word that no product
/// has, not even as a beginning, replaced by the one most like it that some product has. Nothing
/// when no word can be replaced.
std::optional<std::string> corrected_expression(db::connection& c, const std::string& expression);

}  // namespace stoa::catalog
