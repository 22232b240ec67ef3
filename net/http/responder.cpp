#include "net/http/responder.hpp"

#include "net/http/problem_response.hpp"

#include <exception>

namespace stoa::http {

void responder::abandon() noexcept {
  if (!target_) return;
  try {
    (*this)(problem_response({500, "internal_error", "The request was not answered.", {}}));
  } catch (const std::exception&) {
    // Out of memory is all that gets here; the connection's handler deadline then ends the wait.
    target_ = nullptr;
  }
}

}  // namespace stoa::http
