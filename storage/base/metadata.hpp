#pragma once
// Metadata: key-value pairs that integrators attach to a resource, such as its number in another
// system. Stoa stores and returns them but does not interpret them.

#include "storage/base/json.hpp"
#include "storage/base/result.hpp"

#include <map>
#include <string>

namespace stoa {

inline constexpr std::size_t metadata_entries_max = 50;
inline constexpr std::size_t metadata_value_max = 500;   ///< characters
inline constexpr std::size_t metadata_bytes_max = 8192;  ///< total of keys and values

using metadata = std::map<std::string, std::string>;
/// A change: a value sets the key, null or an empty text removes it, other keys are kept.
using metadata_change = std::map<std::string, nullable<std::string>>;

/// For the rules of each struct with a field `metadata`.
inline constexpr json::rule metadata_rule{
    .field = "metadata",
    .length_max = metadata_entries_max,
    .description =
        "Key-value pairs of the integrator. Changes are merged: null or an empty text "
        "removes a key. At most 50 keys and 8192 bytes in total.",
    .key_form = json::format::metadata_key,
    .each_length_max = metadata_value_max};

/// The metadata after the change. Too many keys or bytes are a validation problem at /metadata.
result<metadata> changed_metadata(metadata current, const metadata_change& change);
/// The same for a PATCH body: absent changes nothing, null removes all keys.
result<metadata> changed_metadata(metadata current, const patch<metadata_change>& change);

}  // namespace stoa
