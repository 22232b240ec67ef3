#include "net/http/responder.hpp"

#include "net/http/problem_response.hpp"

#include <exception>

namespace stoa::http {

namespace {

class function_target final : public reply_target {
 public:
  explicit function_target(std::function<void(response)> take) : take_(std::move(take)) {}
  void reply(std::uint64_t, response answer) override { take_(std::move(answer)); }

 private:
  std::function<void(response)> take_;
};

}  // namespace

void responder::abandon() noexcept {
  if (!target_) return;
  try {
    (*this)(problem_response({500, "internal_error", "The request was not answered.", {}}));
  } catch (const std::exception&) {
    // Out of memory is all that gets here; the connection's handler deadline then ends the wait.
    target_ = nullptr;
  }
}

responder responder_to(std::function<void(response)> take) {
  return {std::make_shared<function_target>(std::move(take)), 0};
}

}  // namespace stoa::http
