#pragma once
// Keeps a node's rules of prices up to date: asks the Pricing service four times a second whether
// they have changed.

#include "actors/kernel/node.hpp"
#include "net/front/price_rules.hpp"

#include <memory>

namespace stoa::front {

/// Runs in a dedicated port until the node closes it.
class rule_follower : public std::enable_shared_from_this<rule_follower> {
 public:
  rule_follower(std::shared_ptr<kernel::port> port, std::shared_ptr<price_rules> rules)
      : port_(std::move(port)), rules_(std::move(rules)) {}
  void start();

 private:
  void tick();
  void poll();
  void report();

  std::shared_ptr<kernel::port> port_;
  std::shared_ptr<price_rules> rules_;
  bool is_asking_ = false;
  bool is_current_ = false;
};

}  // namespace stoa::front
