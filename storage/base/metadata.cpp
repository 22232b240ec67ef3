#include "storage/base/metadata.hpp"

namespace stoa {

result<metadata> changed_metadata(metadata current, const metadata_change& change) {
  for (const auto& [key, wanted] : change) {
    if (!wanted.value || wanted.value->empty()) {
      current.erase(key);
    } else {
      current[key] = *wanted.value;
    }
  }
  if (current.size() > metadata_entries_max) {
    return invalid_field(
        "/metadata", "too_many",
        "Metadata can have at most " + std::to_string(metadata_entries_max) + " keys.");
  }
  std::size_t bytes = 0;
  for (const auto& [key, text] : current) bytes += key.size() + text.size();
  if (bytes > metadata_bytes_max) {
    return invalid_field(
        "/metadata", "too_long",
        "Metadata can have at most " + std::to_string(metadata_bytes_max) + " bytes in total.");
  }
  return current;
}

result<metadata> changed_metadata(metadata current, const patch<metadata_change>& change) {
  if (!change.present) return current;
  if (!change.value) return metadata{};
  return changed_metadata(std::move(current), *change.value);
}

}  // namespace stoa
