#pragma once
// The built-in card gateway for development and tests: a bank in process, with durable books of its
// own.
//
// Tokens: tok_visa, tok_mastercard, tok_amex, tok_visa_debit pay. tok_chargeDeclined and
// tok_chargeDeclined{InsufficientFunds,ExpiredCard,IncorrectCvc,ProcessingError,Fraudulent} are
// declined. tok_timeoutPaid and tok_timeoutDeclined are stored as paid or declined, but the first
// call is never answered; a repeat with the same key is. tok_requiresAction and
// tok_requiresActionDeclined wait for the customer, who confirms or fails to after a second;
// tok_requiresActionAbandoned waits until it is voided. tok_captureDeclined can be authorised but
// not captured; of tok_refundDeclined the first refund is declined. Anything else: declined,
// "invalid_token".

#include "actors/payment/gateway.hpp"
#include "net/gateway/ledger.hpp"
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
  std::string store_id{};        ///< of the store whose ledger it must be; empty: any
  std::size_t queue_max = 8192;  ///< requests waiting; beyond it the answer is `unknown` at once
  std::size_t batch_max = 512;   ///< requests in one transaction
};

/// Thread-safe. One thread takes what has gathered, decides it in one transaction, commits, and
/// only then answers. When the commit fails, all of the batch is answered `unknown`: nothing was
/// done.
class sandbox final : public payment::gateway {
 public:
  /// Opens the books; errors as of ledger::open. `time` must outlive the sandbox.
  static result<std::unique_ptr<sandbox>> open(const sandbox_options& options,
                                               const clock& time = system_time());

  void authorize(payment::authorize_request request, callback done) override;
  void capture(payment::capture_request request, callback done) override;
  void void_authorization(payment::authorization_reference authorization, callback done) override;
  void refund(payment::refund_request request, callback done) override;
  void look_up(payment::lookup_request request, callback done) override;
  /// Not from within a callback: it waits for the thread that runs them.
  void stop() override;

 private:
  struct job {
    std::variant<payment::authorize_request, payment::capture_request,
                 payment::authorization_reference, payment::refund_request, payment::lookup_request>
        request;
    callback done;
    payment::gateway_answer answer{};
    bool silent = false;
  };

  sandbox(ledger books, const sandbox_options& options, const clock& time);
  void enqueue(job j);
  void work(std::vector<job>& batch);
  void settle(std::vector<job>& batch);
  void decide(job& j);

  ledger books_;
  const clock& time_;
  batch_worker<job> worker_;
};

}  // namespace stoa::gateways
