#pragma once
// Searches of customers at the engine. Without an answer in time the caller uses the built-in
// search.

#include "net/search/engine_client.hpp"
#include "net/search/engine_gate.hpp"
#include "net/search/engine_query.hpp"

#include <functional>
#include <memory>
#include <optional>

namespace stoa::search {

struct search_answer {
  engine_hits hits;
  bool similar = false;  ///< products with similar words, because none has those of the search
};

class product_search {
 public:
  using callback = std::function<void(std::optional<search_answer>)>;

  product_search(engine_options options, std::shared_ptr<engine_metrics> metrics);
  product_search(const product_search&) = delete;
  product_search& operator=(const product_search&) = delete;

  /// Calls `done` exactly once, on any thread: with the answer, or with nothing if the engine
  /// cannot answer now. If no product has all words, similar words are searched for, as in the
  /// built-in search.
  void find(engine_search s, callback done);

  /// Counts a search by the one that has answered it.
  void answered(answered_by who) { metrics_->answered(who); }

 private:
  using clock = engine_gate::clock;
  void ask(const std::shared_ptr<const engine_search>& s, clock::time_point until, callback done);
  void send(const engine_search& s, clock::time_point until,
            std::function<void(const engine_reply&)> done);
  /// Counts the price bands, whose width depends on the found prices.
  void ask_bands(const engine_search& s, search_answer answer, clock::time_point until,
                 callback done);
  std::optional<engine_hits> judge(const engine_reply& reply, const engine_search& s);
  /// Whether the response can be read; tells the gate. `unreadable`: why it cannot.
  bool accept(const engine_reply& reply, const std::optional<std::string>& unreadable);
  void note(engine_gate::change c, const std::string& fault);

  const engine_options options_;
  const std::shared_ptr<engine_metrics> metrics_;
  engine_gate gate_;
  engine_client client_;
};

}  // namespace stoa::search
