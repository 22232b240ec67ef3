#pragma once
// Responses that the node gives again until the data that they show changes (about::valid_with). A
// commit of the service changes its data version before it is acknowledged, so no response is older
// than an acknowledged change.

#include "net/http/content_coding.hpp"
#include "net/http/message.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

namespace prometheus {
class Registry;
}

namespace stoa::front {

/// A response as the route made it, and its body in each content coding that was requested.
/// Thread-safe.
class kept_answer {
 public:
  /// `made`: status 200, with an ETag and a shared body.
  explicit kept_answer(http::response made);

  /// Without the ETag: exchange::with_etag() adds it or makes a 304 of the response.
  const http::response& made() const { return made_; }
  const std::string& opaque_tag() const { return opaque_tag_; }
  /// Null: not coded yet.
  std::shared_ptr<const std::string> coded(http::content_coding c) const;
  void keep_coded(http::content_coding c, std::shared_ptr<const std::string> body);

 private:
  http::response made_;
  std::string opaque_tag_;
  mutable std::mutex mutex_;
  std::array<std::shared_ptr<const std::string>, 2> coded_;  ///< gzip, zstd
};

/// Thread-safe. When it is full, the response that was unused for the longest time is removed.
class answer_cache {
 public:
  using clock = std::chrono::steady_clock;
  /// A response is not given after this time, because another program may change the database file.
  static constexpr std::chrono::seconds age_max{1};

  /// 0 bytes: keeps nothing. Counts nothing without a registry.
  answer_cache(std::size_t bytes_max, prometheus::Registry* registry);
  ~answer_cache();
  answer_cache(const answer_cache&) = delete;
  answer_cache& operator=(const answer_cache&) = delete;

  /// The response to the target, if it was made with this version of the data; else null.
  std::shared_ptr<kept_answer> find(std::string_view target, std::uint64_t version,
                                    clock::time_point now);
  /// Keeps a response whose data was read after `version` had been, and after the time `asked`. Its
  /// body becomes a shared one. Null: it is not kept, as it has no ETag or is too large.
  std::shared_ptr<kept_answer> keep(std::string_view target, std::uint64_t version,
                                    http::response& made, clock::time_point asked);
  /// With an estimate of the overhead; at most bytes_max.
  std::size_t bytes() const;

 private:
  struct counters;
  struct entry {
    std::string target;
    std::uint64_t version = 0;
    clock::time_point asked;
    std::size_t bytes = 0;
    std::shared_ptr<kept_answer> answer;
  };
  void remove(std::list<entry>::iterator at);

  const std::size_t bytes_max_;
  mutable std::mutex mutex_;
  std::list<entry> entries_;  ///< the last used first
  std::unordered_map<std::string_view, std::list<entry>::iterator> by_target_;
  std::size_t bytes_ = 0;
  std::unique_ptr<counters> counters_;
};

}  // namespace stoa::front
