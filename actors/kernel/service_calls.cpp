#include "actors/kernel/service_calls.hpp"

namespace stoa::kernel {

answer answer_wait::take() {
  auto a = answered_.await_resume();
  calls_.replayed |= a.replayed;
  return a;
}

answer answer_wait::take_value() {
  return calls_.checked(answered_.await_resume());
}

answer service_calls::checked(answer a) {
  replayed |= a.replayed;
  if (a.error) fail(std::move(*a.error));
  return a;
}

}  // namespace stoa::kernel
