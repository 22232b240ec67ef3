#include "net/shopify/export_runner.hpp"

#include "config/log.hpp"
#include "net/shopify/export_metrics.hpp"
#include "net/shopify/export_parts.hpp"

#include <stdexcept>

namespace stoa::shopify {

namespace {

/// One run of an export.
class export_run {
 public:
  export_run(service_calls& calls, stoa::export_id id, std::string currency)
      : calls_(calls),
        id_(id),
        currency_(std::move(currency)),
        run_(system_ids().next_v4().str()) {}

  void run() {
    const catalog::begin_export begin{id_, run_};
    const auto start = send(begin);
    if (!start.proceed) return;
    log::info(
        "export started",
        {{"export_id", id_.str()}, {"format", enum_name(start.format)}, {"part", start.parts}});
    try {
      write(start);
    } catch (const std::exception& e) {
      log::error("export failed", {{"export_id", id_.str()}, {"error", std::string(e.what())}});
      send(catalog::fail_export{id_, run_, e.what()});
    }
  }

 private:
  template <class Command>
  typename Command::reply send(Command c) {
    auto a = calls_.command(kernel::any_message::of(std::move(c)));
    if (a.error) throw std::runtime_error(a.error->detail);
    return std::move(*static_cast<typename Command::reply*>(a.value.get()));
  }

  void write(const catalog::export_start& start) {
    const auto parts = parts_of(start, calls_, currency_);
    auto position = start.position;
    for (auto number = start.parts;; ++number) {
      auto piece = parts->next(position);
      catalog::put_export_part part;
      part.export_id = id_;
      part.run = run_;
      part.number = number;
      part.content = std::move(piece.content);
      part.position = position = piece.position;
      part.columns = parts->columns();
      part.objects = piece.objects;
      part.left_out = piece.left_out;
      part.is_last = piece.is_last;
      const bool proceeds = send(std::move(part)).proceed;
      if (piece.is_last || !proceeds) {
        log::info("export ended", {{"export_id", id_.str()},
                                   {"parts", number + 1},
                                   {"state", piece.is_last ? "completed"
                                                           : "cancelled, full or "
                                                             "taken over"}});
        return;
      }
    }
  }

  service_calls& calls_;
  stoa::export_id id_;
  std::string currency_;
  std::string run_;
};

class export_effects final : public kernel::effect_runner {
 public:
  explicit export_effects(export_runner_options options)
      : options_(std::move(options)), thread_(options_.port) {}

  void start(const kernel::any_message& effect, timestamp) override {
    if (effect.kind() == &kernel::kind_of<catalog::count_export>() && options_.metrics) {
      options_.metrics->ended(effect.as<catalog::count_export>());
    }
    if (effect.kind() != &kernel::kind_of<catalog::run_export>()) return;
    thread_.start([options = options_,
                   id = effect.as<catalog::run_export>().export_id](service_calls& calls) {
      const export_metrics::running_scope scope(options.metrics.get());
      try {
        export_run(calls, id, options.currency).run();
      } catch (const std::exception& e) {
        log::error("cannot run export",
                   {{"export_id", id.str()}, {"error", std::string(e.what())}});
      }
    });
  }
  void tick(timestamp) override {}
  std::size_t under_way() const override { return thread_.is_busy() ? 1 : 0; }

 private:
  export_runner_options options_;
  job_thread thread_;
};

}  // namespace

kernel::effects_factory export_runner(export_runner_options options) {
  return [options = std::move(options)](
             const kernel::command_sink&) -> std::unique_ptr<kernel::effect_runner> {
    return std::make_unique<export_effects>(options);
  };
}

}  // namespace stoa::shopify
