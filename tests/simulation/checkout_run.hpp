#pragma once
// The product's checkout in a simulated process: its calls to services are messages in the world's
// bag, and a crash discards an unfinished checkout.

#include "actors/cart/cart_messages.hpp"
#include "actors/checkout/checkout.hpp"

namespace stoa::simulation {

class world;

class checkout_run final : public kernel::service_calls {
 public:
  using done_callback = std::function<void(const kernel::answer&)>;

  /// `on_cart` receives each state of the cart that the checkout reads.
  checkout_run(world& w, kernel::call_context c, checkout::checkout_request request,
               std::function<void(const cart::cart_content&)> on_cart, done_callback done);

  /// Call once; runs to the first wait.
  void start();
  bool finished() const { return finished_; }

  timestamp now() const override;
  kernel::pending<kernel::event_ptr> watch_now(const std::string& service,
                                               kernel::awaited_event what) override;
  kernel::pending<kernel::event_ptr> applied_now(const std::string& service,
                                                 const uuid& aggregate) override;

 protected:
  kernel::pending<kernel::answer> start_now(const std::string& service,
                                            kernel::any_message m) override;
  kernel::callback_wait<kernel::answer> wait_command(std::string service,
                                                     kernel::any_message m) override;
  kernel::callback_wait<kernel::answer> wait_query(std::string service,
                                                   kernel::any_message m) override;
  kernel::callback_wait<std::pair<kernel::answer, kernel::event_ptr>> wait_outcome(
      std::string service, kernel::any_message m, kernel::awaited_event what) override;

 private:
  kernel::task<bool> drive();
  void send(const std::string& service, kernel::any_message m, kernel::call_context c,
            std::function<void(kernel::answer)> then);

  world& world_;
  checkout::checkout_request request_;
  std::function<void(const cart::cart_content&)> on_cart_;
  done_callback done_;
  bool finished_ = false;
  std::optional<kernel::task<bool>> task_;
};

}  // namespace stoa::simulation
