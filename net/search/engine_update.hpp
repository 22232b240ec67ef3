#pragma once
// Brings the index up to date: sends the queued changes, and builds a new index. Each step may be
// repeated: documents have versions, and what was accepted is reported afterwards.

#include "actors/catalog/engine_messages.hpp"
#include "net/search/engine_client.hpp"
#include "net/search/engine_index.hpp"

#include <atomic>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace stoa::search {

/// The catalogue's side of an update. Both functions throw std::runtime_error when the catalogue
/// does not respond.
class engine_source {
 public:
  engine_source() = default;
  engine_source(const engine_source&) = delete;
  engine_source& operator=(const engine_source&) = delete;
  virtual ~engine_source() = default;
  virtual catalog::engine_batch next(bool with_changes) = 0;
  virtual void report(catalog::report_engine accepted) = 0;
};

/// The engine does not respond, or does not accept requests now. The text is for display.
class engine_failure : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The alias has no index, or one with another mapping: `stoa search reindex` is needed.
class no_index : public engine_failure {
 public:
  using engine_failure::engine_failure;
};

class engine_update {
 public:
  engine_update(engine_source& source, engine_client& client, std::string alias,
                engine_metrics& metrics, const std::atomic<bool>& stopping)
      : source_(source),
        client_(client),
        alias_(std::move(alias)),
        metrics_(metrics),
        stopping_(stopping) {}

  /// Returns when nothing is left to do, or the node is stopping. Throws engine_failure, after
  /// which it may be repeated.
  void run();

 private:
  /// One document of a request.
  struct action {
    bool building = false;              ///< for the index that is being built
    std::optional<std::size_t> change;  ///< the change of the batch; none: a product of the fill
  };
  struct bulk {
    std::string body;
    std::vector<action> actions;
  };
  struct verdict {
    std::optional<std::string> build_fault;  ///< the build cannot go on
    std::optional<std::string> later;        ///< why something must be sent again
    std::vector<bool> open;                  ///< changes that must be sent again
    bool fill_open = false;
    std::int64_t rejected = 0;
  };

  engine_reply ask(std::string method, std::string path, std::string body = {});
  /// The same; throws engine_failure unless it succeeds or has the accepted status.
  engine_reply need(const char* what, std::string method, std::string path, std::string body = {},
                    int accepted = 0);
  void find_serving();
  bool exists(const std::string& index);
  /// Creates the index unless it exists. False: the build has failed.
  bool prepare(const catalog::engine_fill& fill);
  void delete_old(const std::string& keep);
  void finish(const catalog::engine_fill& fill);
  void fail_build(const std::string& index, const std::string& why);
  bulk bulk_of(const catalog::engine_batch& batch) const;
  std::vector<bulk_item> post(bulk all);
  verdict judge(const catalog::engine_batch& batch, const std::vector<action>& actions,
                const std::vector<bulk_item>& items) const;
  /// Sends the documents and reports what was accepted.
  void send(const catalog::engine_batch& batch);

  engine_source& source_;
  engine_client& client_;
  const std::string alias_;
  engine_metrics& metrics_;
  const std::atomic<bool>& stopping_;
  std::vector<std::string> serving_;  ///< indexes with the alias
  std::string prepared_;              ///< the index that was created or found
};

}  // namespace stoa::search
