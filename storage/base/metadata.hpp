#pragma once
// Metadata: texts that integrators keep with a resource under keys of their own, such as the
// resource's number in another system. Stoa stores and shows them and does nothing else with them.

#include "storage/base/json.hpp"
#include "storage/base/result.hpp"

#include <map>
#include <string>

namespace stoa {

inline constexpr std::size_t metadata_entries_max = 50;
inline constexpr std::size_t metadata_value_max = 500;   ///< characters
inline constexpr std::size_t metadata_bytes_max = 8192;  ///< of all keys and values

using metadata = std::map<std::string, std::string>;
/// What is to change: a value is set, null or an empty text removes the key, other keys stay.
using metadata_change = std::map<std::string, nullable<std::string>>;

/// For the rules of each struct with a field `metadata`.
inline constexpr json::rule metadata_rule{
    .field = "metadata",
    .length_max = metadata_entries_max,
    .description =
        "Texts under keys of your own. A change is merged: null or an empty text removes "
        "a key. At most 50 keys and 8192 bytes in all.",
    .key_form = json::format::metadata_key,
    .each_length_max = metadata_value_max};

/// The metadata after the change. validation at /metadata for too many keys or bytes.
result<metadata> changed_metadata(metadata current, const metadata_change& change);
/// The same for a PATCH body: absent changes nothing, null removes all.
result<metadata> changed_metadata(metadata current, const patch<metadata_change>& change);

}  // namespace stoa
