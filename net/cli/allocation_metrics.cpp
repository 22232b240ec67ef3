#include "net/cli/allocation_metrics.hpp"

#include "actors/catalog/location_messages.hpp"
#include "config/log.hpp"

#include <prometheus/counter.h>
#include <prometheus/registry.h>

namespace stoa::cli {

namespace {

prometheus::Counter& allocation_counter(prometheus::Registry& r, const char* name,
                                        const char* help) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(r).Add({});
}

struct allocation_counters {
  explicit allocation_counters(prometheus::Registry& r)
      : split(allocation_counter(r, "stoa_orders_split_total",
                                 "Orders that were placed with a product supplied from several "
                                 "locations")),
        moves(allocation_counter(r, "stoa_allocation_moves_total",
                                 "Changes by staff of the locations that supply an order")),
        units(allocation_counter(r, "stoa_allocation_units_moved_total",
                                 "Units of orders that staff have moved to another location")) {}

  prometheus::Counter& split;
  prometheus::Counter& moves;
  prometheus::Counter& units;
};

class allocation_effects final : public kernel::effect_runner {
 public:
  explicit allocation_effects(const allocation_counters& counters) : counters_(counters) {}

  void start(const kernel::any_message& effect, timestamp) override {
    if (effect.kind() != &kernel::kind_of<catalog::count_allocation>()) return;
    const auto& one = effect.as<catalog::count_allocation>();
    if (one.moved_units == 0) return counters_.split.Increment();
    counters_.moves.Increment();
    counters_.units.Increment(static_cast<double>(one.moved_units));
    log::info("allocations of an order moved", {{"order_id", one.order_id.str()},
                                                {"units", one.moved_units},
                                                {"is_split", one.is_split},
                                                {"caller", one.moved_by}});
  }
  void tick(timestamp) override {}
  std::size_t under_way() const override { return 0; }

 private:
  allocation_counters counters_;
};

}  // namespace

kernel::effects_factory allocation_metrics(prometheus::Registry& registry) {
  return [counters = allocation_counters(registry)](
             const kernel::command_sink&) -> std::unique_ptr<kernel::effect_runner> {
    return std::make_unique<allocation_effects>(counters);
  };
}

}  // namespace stoa::cli
