#pragma once
// Compares the records of a gateway with those of the Payment service. Pure: no I/O.

#include "actors/payment/reconciliation_messages.hpp"

#include <map>
#include <set>

namespace stoa::payment {

/// The records of both sides. Of the gateway: created in the period, or up to `later` after it, to
/// find what belongs to the payments of the period. Of this store: the period's, then those that
/// the gateway's records name.
class reconciliation {
 public:
  /// An operation of an order of the period may reach the gateway this long after the period.
  reconciliation(std::string gateway, timestamp from, timestamp to);

  void add_theirs(std::vector<gateway_payment> payments);
  void add_theirs(std::vector<gateway_refund> refunds);
  /// Records of the period.
  void add_ours(const std::vector<recorded_payment>& payments);
  void add_ours(const std::vector<recorded_refund>& refunds);
  /// Records outside the period, or found by get_recorded.
  void add_others(const recorded_page& found);
  /// What the gateway's records name and has not been added yet: ids of payments, and references of
  /// payments.
  std::vector<get_recorded> unknown() const;

  reconciliation_view report() const;

 private:
  struct own_payment {
    recorded_payment record;
    bool of_period = false;
  };
  struct own_refund {
    recorded_refund record;
    bool of_period = false;
  };
  class comparison;

  bool is_of_period(timestamp t) const { return t >= from_ && t < to_; }
  void add(const recorded_payment& p, bool of_period);
  void add(const recorded_refund& r, bool of_period);
  const own_payment* find(const std::string& payment_id, const std::string& transaction_id) const;
  const own_refund* find(const gateway_refund& r) const;

  std::string gateway_;
  timestamp from_;
  timestamp to_;
  std::vector<gateway_payment> their_payments_;
  std::vector<gateway_refund> their_refunds_;
  std::map<std::string, own_payment> payments_;        ///< by id
  std::map<std::string, std::string> by_transaction_;  ///< ids of payments
  std::map<std::string, own_refund> refunds_;          ///< by id
  std::map<std::string, std::string> refund_by_reference_;
};

}  // namespace stoa::payment
