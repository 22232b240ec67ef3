#include "net/http/responder.hpp"

#include "net/http/problem_response.hpp"

#include <exception>

namespace stoa::http {

void responder::abandon() noexcept {
  if (!target_) return;
  try {
    (*this)(problem_response({500, "internal_error", "The handler did not respond.", {}}));
  } catch (const std::exception&) {
    // Only out of memory ends here; the connection's handler deadline then ends the wait.
    target_ = nullptr;
  }
}

}  // namespace stoa::http
