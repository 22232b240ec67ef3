#include "actors/kernel/membership.hpp"

#include <algorithm>
#include <cstdint>

namespace stoa::kernel {

void membership::set_self(std::string name, std::set<std::string> services) {
  std::scoped_lock lock(mutex_);
  self_ = std::move(name);
  alive_[self_] = std::move(services);
}

void membership::alive(const std::string& node, std::set<std::string> services, bool cordoned) {
  std::scoped_lock lock(mutex_);
  if (node == self_) return;
  mark(node, cordoned);
  alive_[node] = std::move(services);
  dead_.erase(node);
}

void membership::dead(const std::string& node) {
  std::scoped_lock lock(mutex_);
  if (node == self_ || alive_.erase(node) == 0) return;
  held_back_.erase(node);
  without_cordons_.erase(node);
  dead_.insert(node);
}

void membership::leave() {
  std::scoped_lock lock(mutex_);
  alive_[self_].clear();
}

void membership::cordon(bool yes) {
  std::scoped_lock lock(mutex_);
  mark(self_, yes);
}

void membership::mark(const std::string& node, bool cordoned) {
  if (cordoned) {
    cordoned_.insert(node);
  } else {
    cordoned_.erase(node);
  }
}

void membership::hold_back(const std::string& node, bool held_back) {
  std::scoped_lock lock(mutex_);
  if (held_back) {
    held_back_.insert(node);
  } else {
    held_back_.erase(node);
  }
}

bool membership::is_held_back() const {
  std::scoped_lock lock(mutex_);
  return held_back_.contains(self_) && std::ranges::any_of(alive_, [&](const auto& node) {
           return !held_back_.contains(node.first);
         });
}

void membership::lacks_cordons(const std::string& node, bool yes) {
  std::scoped_lock lock(mutex_);
  if (yes) {
    without_cordons_.insert(node);
  } else {
    without_cordons_.erase(node);
  }
}

std::string membership::ignorant() const {
  std::scoped_lock lock(mutex_);
  return without_cordons_.empty() ? std::string{} : *without_cordons_.begin();
}

bool membership::is_alive(const std::string& node) const {
  std::scoped_lock lock(mutex_);
  return alive_.contains(node);
}

bool membership::is_dead(const std::string& node) const {
  std::scoped_lock lock(mutex_);
  return dead_.contains(node);
}

bool membership::has_node_for(std::string_view service) const {
  std::scoped_lock lock(mutex_);
  return std::any_of(alive_.begin(), alive_.end(),
                     [&](const auto& node) { return node.second.contains(std::string(service)); });
}

std::string membership::preferred(std::string_view service, std::size_t partition,
                                  std::size_t partitions) const {
  std::scoped_lock lock(mutex_);
  std::map<std::string, std::size_t> had;
  for (const auto& [node, services] : alive_) {
    if (services.contains(std::string(service))) had.emplace(node, 0);
  }
  const auto in = [](const std::set<std::string>& set) {
    return [&set](const auto& node) { return set.contains(node.first); };
  };
  if (std::ranges::none_of(had, in(without_cordons_))) {
    // Such nodes are used only when there are no others.
    for (const auto* set : {&cordoned_, &held_back_}) {
      if (!std::ranges::all_of(had, in(*set))) std::erase_if(had, in(*set));
    }
  }
  if (had.empty()) return {};
  const std::size_t share = (partitions + had.size() - 1) / had.size();
  std::string chosen;
  for (std::size_t i = 0; i <= partition; ++i) {
    std::uint64_t best = 0;
    std::map<std::string, std::size_t>::iterator winner = had.end();
    for (auto it = had.begin(); it != had.end(); ++it) {
      if (it->second >= share) continue;
      auto score = rendezvous_score(it->first, i);
      if (winner == had.end() || score > best) {
        best = score;
        winner = it;
      }
    }
    ++winner->second;
    chosen = winner->first;
  }
  return chosen;
}

std::uint64_t rendezvous_score(std::string_view node, std::size_t partition) {
  // FNV-1a over the name and the partition, then the last mixing step of MurmurHash3.
  std::uint64_t h = 0xCBF29CE484222325ULL;
  auto add = [&h](unsigned char c) { h = (h ^ c) * 0x100000001B3ULL; };
  for (char c : node) add(static_cast<unsigned char>(c));
  add(0);
  for (int i = 0; i < 8; ++i) add(static_cast<unsigned char>(partition >> (8 * i)));
  h ^= h >> 33;
  h *= 0xFF51AFD7ED558CCDULL;
  h ^= h >> 33;
  h *= 0xC4CEB9FE1A85EC53ULL;
  return h ^ (h >> 33);
}

}  // namespace stoa::kernel
