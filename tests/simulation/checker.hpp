#pragma once
// The invariants of the store once all work has settled.

#include "tests/simulation/buyers.hpp"

namespace stoa::simulation {

/// Outcomes of a run's orders.
struct outcome_counts {
  std::size_t orders = 0;
  std::size_t confirmed = 0;  ///< or further
  std::size_t cancelled = 0;
  std::size_t refunded = 0;
  std::size_t declined = 0;
  std::size_t sold_out = 0;
  std::size_t mails = 0;
  std::size_t captured_at_shipment = 0;
  std::size_t shipments_declined = 0;
  std::size_t voided = 0;
  std::size_t refunded_lines = 0;
  std::size_t restocked = 0;  ///< refunds with restock
  std::size_t redeemed = 0;   ///< orders that stand and use a promotion
  std::size_t redemptions_rejected = 0;
  std::size_t paid_with_credit = 0;  ///< orders that stand
  std::size_t split = 0;             ///< reservations that several locations supply
  std::size_t moved = 0;             ///< changes of stock by moves of units of orders
  std::size_t credit_refunded = 0;   ///< refunds of them that return credit
  void add(const outcome_counts& other);
};

/// One sentence per violation; empty when there is none.
std::vector<std::string> check(world& w, const buyers& people, outcome_counts& counts);

}  // namespace stoa::simulation
