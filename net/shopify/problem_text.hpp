#pragma once
// Why a part of a file is not imported, as text for reports.

#include "storage/base/result.hpp"

#include <string>
#include <vector>

namespace stoa::shopify {

/// The details of a problem, and those of its errors, for display.
std::string reason_of(const problem& p);
/// The errors of a problem, each with its reason for display; one without a pointer if the problem
/// has none.
std::vector<field_error> errors_of(const problem& p);

}  // namespace stoa::shopify
