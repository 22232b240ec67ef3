#include "net/search/engine_runner.hpp"

#include "config/log.hpp"
#include "net/search/engine_update.hpp"
#include "net/shopify/service_calls.hpp"
#include "storage/base/backoff.hpp"

#include <thread>

namespace stoa::search {

namespace {

constexpr milliseconds update_pause_min{1'000};
constexpr milliseconds update_pause_max{30'000};

/// The catalogue of a running node.
class node_source final : public engine_source {
 public:
  explicit node_source(shopify::service_calls& calls) : calls_(calls) {}

  catalog::engine_batch next(bool with_changes) override {
    auto a = calls_.query(kernel::any_message::of(catalog::get_engine_batch{with_changes}));
    if (a.error) throw std::runtime_error(a.error->detail);
    return std::move(*static_cast<catalog::engine_batch*>(a.value.get()));
  }
  void report(catalog::report_engine accepted) override {
    auto a = calls_.command(kernel::any_message::of(std::move(accepted)));
    if (a.error) throw std::runtime_error(a.error->detail);
  }

 private:
  shopify::service_calls& calls_;
};

class index_runner final : public kernel::effect_runner {
 public:
  explicit index_runner(engine_runner_options options)
      : options_(std::move(options)), client_(options_.engine, "search_index", *options_.metrics) {}
  ~index_runner() override {
    stopping_ = true;
    if (thread_.joinable()) thread_.join();
  }
  index_runner(const index_runner&) = delete;
  index_runner& operator=(const index_runner&) = delete;

  void start(const kernel::any_message& effect, timestamp) override {
    if (effect.kind() != &kernel::kind_of<catalog::update_engine>()) return;
    const auto& update = effect.as<catalog::update_engine>();
    if (update.queued > 0) options_.metrics->queue(update.queued);
    const bool waits = !update.at_once && std::chrono::steady_clock::now() < not_before_.load();
    if (running_ || waits) return;
    if (thread_.joinable()) thread_.join();
    if (!port_) port_ = options_.port();
    if (!port_) return;  // The node is starting; the sweep retries.
    running_ = true;
    thread_ = std::thread([this] {
      run();
      running_ = false;
    });
  }
  void tick(timestamp) override {}
  std::size_t under_way() const override { return running_ ? 1 : 0; }

 private:
  void run() {
    try {
      shopify::service_calls calls(port_, stopping_);
      node_source source(calls);
      engine_update(source, client_, options_.engine.alias, *options_.metrics, stopping_).run();
      if (failures_ > 0) log::info("the search index is updated again");
      failures_ = 0;
    } catch (const shopify::stopped&) {
      // Resumed by the partition's next owner, or after a restart.
    } catch (const std::exception& e) {
      if (stopping_) return;
      if (++failures_ == 1) {
        log::warn("the search index is not updated; changes are kept",
                  {{"error", std::string(e.what())}});
      }
      not_before_ =
          std::chrono::steady_clock::now() + backoff(failures_, update_pause_min, update_pause_max);
    }
  }

  engine_runner_options options_;
  engine_client client_;
  std::shared_ptr<kernel::port> port_;
  std::atomic<bool> stopping_{false};
  std::atomic<bool> running_{false};
  std::int64_t failures_ = 0;  ///< in a row; of the thread
  std::atomic<std::chrono::steady_clock::time_point> not_before_{};
  std::thread thread_;
};

}  // namespace

std::function<std::unique_ptr<kernel::effect_runner>(kernel::command_sink)> engine_runner(
    engine_runner_options options) {
  return [options = std::move(options)](
             const kernel::command_sink&) -> std::unique_ptr<kernel::effect_runner> {
    return std::make_unique<index_runner>(options);
  };
}

}  // namespace stoa::search
