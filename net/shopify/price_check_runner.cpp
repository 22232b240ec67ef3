#include "net/shopify/price_check_runner.hpp"

#include "actors/catalog/catalog_messages.hpp"
#include "actors/pricing/price_check_messages.hpp"
#include "config/log.hpp"

#include <algorithm>
#include <stdexcept>

namespace stoa::shopify {

namespace {

template <class Message>
typename Message::reply checked_reply(kernel::answer a) {
  if (a.error) throw std::runtime_error(a.error->detail);
  return std::move(*static_cast<typename Message::reply*>(a.value.get()));
}

/// The products of the checks that do not exist.
std::vector<stoa::product_id> missing_products(service_calls& calls,
                                               const pricing::open_price_checks& open) {
  catalog::price_items query;
  for (const auto& check : open.data) query.product_ids.push_back(check.product_id);
  auto missing = query.product_ids;
  std::ranges::sort(missing);
  missing.erase(std::unique(missing.begin(), missing.end()), missing.end());
  query.product_ids = missing;
  const auto found =
      checked_reply<catalog::price_items>(calls.query(kernel::any_message::of(std::move(query))));
  for (const auto& item : found.data) std::erase(missing, item.product_id);
  return missing;
}

/// Until there is none left. The products are read after their prices were stored: those that are
/// deleted later lose their prices by the event of that.
void check_prices(service_calls& calls) {
  for (;;) {
    const auto open = checked_reply<pricing::list_price_checks>(
        calls.query(kernel::any_message::of(pricing::list_price_checks{})));
    if (open.data.empty()) return;
    pricing::end_price_checks end;
    for (const auto& check : open.data) end.checks.push_back(check.price_check_id);
    end.gone = missing_products(calls, open);
    const auto gone = end.gone.size();
    checked_reply<pricing::end_price_checks>(
        calls.command(kernel::any_message::of(std::move(end))));
    if (gone > 0) log::info("prices of deleted products removed", {{"products", gone}});
  }
}

class price_check_effects final : public kernel::effect_runner {
 public:
  explicit price_check_effects(job_thread::port_source port) : thread_(std::move(port)) {}

  void start(const kernel::any_message& effect, timestamp) override {
    if (effect.kind() != &kernel::kind_of<pricing::run_price_checks>()) return;
    thread_.start([](service_calls& calls) {
      try {
        check_prices(calls);
      } catch (const std::exception& e) {
        // The sweep starts the checks again.
        log::warn("prices not checked", {{"error", std::string(e.what())}});
      }
    });
  }
  void tick(timestamp) override {}
  std::size_t under_way() const override { return thread_.is_busy() ? 1 : 0; }

 private:
  job_thread thread_;
};

}  // namespace

kernel::effects_factory price_check_runner(job_thread::port_source port) {
  return [port = std::move(port)](
             const kernel::command_sink&) -> std::unique_ptr<kernel::effect_runner> {
    return std::make_unique<price_check_effects>(port);
  };
}

}  // namespace stoa::shopify
