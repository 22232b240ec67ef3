#include "actors/kernel/cluster_secrets.hpp"

#include "storage/base/text.hpp"

#include <algorithm>
#include <stdexcept>

namespace stoa::kernel {

bool cluster_secrets::replace(std::string_view lines) {
  std::vector<std::string> keys;
  while (!lines.empty()) {
    const auto end = std::min(lines.find('\n'), lines.size());
    auto line = lines.substr(0, end);
    lines.remove_prefix(std::min(end + 1, lines.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!line.empty()) keys.push_back(text::hash(line));
  }
  if (keys.empty()) throw std::invalid_argument("the cluster secret is empty");
  const auto before = keys_.load();
  if (before && *before == keys) return false;
  keys_ = std::make_shared<const std::vector<std::string>>(std::move(keys));
  return true;
}

std::vector<std::string> cluster_secrets::ids() const {
  constexpr std::size_t bytes = 4;
  std::vector<std::string> all;
  for (const auto& key : *keys()) {
    all.push_back(text::hex(text::keyed_hash(key, "secret's name").substr(0, bytes)));
  }
  return all;
}

}  // namespace stoa::kernel
