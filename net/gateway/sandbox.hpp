#pragma once
// The built-in payment gateway for development and tests: runs in process, with a durable ledger.
//
// Tokens: tok_visa, tok_mastercard, tok_amex, tok_visa_debit pay. tok_chargeDeclined and
// tok_chargeDeclined{InsufficientFunds,ExpiredCard,IncorrectCvc,ProcessingError,Fraudulent} are
// declined. tok_timeoutPaid and tok_timeoutDeclined are stored as paid or declined, but the first
// call gets no answer; a retry with the same key does. tok_requiresAction and
// tok_requiresActionDeclined wait for the customer, who confirms or fails to confirm after a
// second; tok_requiresActionAbandoned waits until it is voided. tok_captureDeclined can be
// authorised but not captured; the first refund of tok_refundDeclined is declined. Any other token
// is declined with "invalid_token".

#include "actors/payment/gateway.hpp"
#include "net/gateway/ledger.hpp"
#include "net/gateway/ledger_records.hpp"
#include "storage/base/batch_worker.hpp"
#include "storage/base/result.hpp"
#include "storage/base/time.hpp"

#include <cstddef>
#include <filesystem>
#include <memory>
#include <variant>
#include <vector>

namespace stoa::gateways {

struct sandbox_options {
  std::filesystem::path ledger_file;
  std::string store_id{};        ///< the store that the ledger must belong to; empty: any
  std::size_t queue_max = 8192;  ///< queued requests; further ones get `unknown` immediately
  std::size_t batch_max = 512;   ///< requests in one transaction
};

/// Thread-safe. One thread takes the queued requests, processes them in one transaction, commits,
/// and then answers. When the commit fails, the whole batch is answered `unknown` and nothing is
/// stored.
class sandbox final : public payment::gateway {
 public:
  /// Opens the ledger; errors as of ledger::open. `time` must outlive the sandbox.
  static result<std::unique_ptr<sandbox>> open(const sandbox_options& options,
                                               const clock& time = system_time());

  void authorize(payment::authorize_request request, callback done) override;
  void capture(payment::capture_request request, callback done) override;
  void void_authorization(payment::void_request request, callback done) override;
  void refund(payment::refund_request request, callback done) override;
  void look_up(payment::lookup_request request, callback done) override;
  void read_activity(payment::authorization_reference authorization,
                     activity_callback done) override;
  void list(payment::list_request request, list_callback done) override;
  /// Must not be called from a callback: it waits for the thread that runs them.
  void stop() override;

 private:
  struct job {
    std::variant<payment::authorize_request, payment::capture_request, payment::void_request,
                 payment::refund_request, payment::lookup_request>
        request;
    callback done;
    payment::gateway_answer answer{};
    bool silent = false;
  };

  /// A request that only reads.
  struct reading {
    std::variant<payment::authorization_reference, payment::list_request> request;
    std::variant<activity_callback, list_callback> done;
  };
  /// Requests wait in one bounded queue.
  using queued = std::variant<job, reading>;

  sandbox(ledger books, const sandbox_options& options, const clock& time);
  void enqueue(job j);
  void work(std::vector<queued>& batch);
  void settle(std::vector<queued>& batch);
  void answer(reading& r);
  void decide(job& j);

  ledger books_;
  ledger_records records_;
  const clock& time_;
  batch_worker<queued> worker_;
};

}  // namespace stoa::gateways
