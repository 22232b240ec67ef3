#pragma once
// Checks templates and expands their partials, so that rendering needs only variables.

#include "actors/notification/template_variables.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace stoa::notification {

/// The text of a template file and its name in error messages.
struct template_source_text {
  std::string name;
  std::string content;
};

/// The partial of that name for the language of the template; null when there is none.
using partial_finder = std::function<const template_source_text*(std::string_view name)>;

/// The template with its partials inserted. A partial that is alone on its line replaces the line;
/// elsewhere its last line break is omitted. Errors ("FILE:LINE: what") are appended: syntax, a
/// variable that the type does not have, unescaped output, other delimiters, an unknown partial, no
/// content.
/// `part` is "subject", "text", "html" or "short".
std::string expand_template(const template_source_text& file, std::string_view type,
                            std::string_view part, const partial_finder& partials,
                            std::vector<std::string>& errors);

}  // namespace stoa::notification
