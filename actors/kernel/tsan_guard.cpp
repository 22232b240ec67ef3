// Debian's CAF is built without ThreadSanitizer, which therefore does not see its synchronization
// and reports every actor as a race. In the preset tsan this file interposes the CAF functions that
// pass data between threads, and annotates them. Empty otherwise.

#ifdef __SANITIZE_THREAD__

#include "actors/kernel/interposed.hpp"

#include <caf/all.hpp>

#include <sanitizer/tsan_interface.h>

using stoa::kernel::next_function;

namespace {

/// The synchronization object of an actor's mailbox.
void* mailbox_of(caf::local_actor* a) {
  return reinterpret_cast<char*>(a) + 1;
}

}  // namespace

namespace caf {

void scheduled_actor::enqueue(mailbox_element_ptr element, execution_unit* where) {
  static const auto f = next_function<void(scheduled_actor*, mailbox_element_ptr, execution_unit*)>(
      "_ZN3caf15scheduled_actor7enqueueESt10unique_ptrINS_15mailbox_elementENS_6detail8disposerEE"
      "PNS_14execution_unitE");
  __tsan_release(element.get());
  __tsan_release(mailbox_of(this));
  f(this, std::move(element), where);
}

void blocking_actor::enqueue(mailbox_element_ptr element, execution_unit* where) {
  static const auto f = next_function<void(blocking_actor*, mailbox_element_ptr, execution_unit*)>(
      "_ZN3caf14blocking_actor7enqueueESt10unique_ptrINS_15mailbox_elementENS_6detail8disposerEE"
      "PNS_14execution_unitE");
  __tsan_release(element.get());
  __tsan_release(mailbox_of(this));
  f(this, std::move(element), where);
}

intrusive::task_result blocking_actor::mailbox_visitor::operator()(mailbox_element& element) {
  static const auto f = next_function<intrusive::task_result(mailbox_visitor*, mailbox_element&)>(
      "_ZN3caf14blocking_actor15mailbox_visitorclERNS_15mailbox_elementE");
  __tsan_acquire(&element);
  return f(this, element);
}

// Another thread may continue the actor as soon as its mailbox is empty, before resume() has
// returned: release after each message.

intrusive::task_result scheduled_actor::mailbox_visitor::operator()(mailbox_element& element) {
  static const auto f = next_function<intrusive::task_result(mailbox_visitor*, mailbox_element&)>(
      "_ZN3caf15scheduled_actor15mailbox_visitorclERNS_15mailbox_elementE");
  __tsan_acquire(&element);
  auto* const actor = self;
  const auto result = f(this, element);
  __tsan_release(actor);
  return result;
}

/// The end of an actor's initialization.
void scheduled_actor::do_become(behavior first, bool discard_old) {
  static const auto f = next_function<void(scheduled_actor*, behavior, bool)>(
      "_ZN3caf15scheduled_actor9do_becomeENS_8behaviorEb");
  f(this, std::move(first), discard_old);
  __tsan_release(this);
}

void scheduled_actor::launch(execution_unit* where, bool lazy, bool hide) {
  static const auto f = next_function<void(scheduled_actor*, execution_unit*, bool, bool)>(
      "_ZN3caf15scheduled_actor6launchEPNS_14execution_unitEbb");
  __tsan_release(this);
  f(this, where, lazy, hide);
}

resumable::resume_result scheduled_actor::resume(execution_unit* where, size_t most) {
  static const auto f = next_function<resume_result(scheduled_actor*, execution_unit*, size_t)>(
      "_ZN3caf15scheduled_actor6resumeEPNS_14execution_unitEm");
  __tsan_acquire(this);
  return f(this, where, most);
}

// Unread messages are destroyed with the mailbox.

bool scheduled_actor::cleanup(error&& reason, execution_unit* where) {
  static const auto f = next_function<bool(scheduled_actor*, error&&, execution_unit*)>(
      "_ZN3caf15scheduled_actor7cleanupEONS_5errorEPNS_14execution_unitE");
  __tsan_acquire(mailbox_of(this));
  return f(this, std::move(reason), where);
}

bool blocking_actor::cleanup(error&& reason, execution_unit* where) {
  static const auto f = next_function<bool(blocking_actor*, error&&, execution_unit*)>(
      "_ZN3caf14blocking_actor7cleanupEONS_5errorEPNS_14execution_unitE");
  __tsan_acquire(mailbox_of(this));
  return f(this, std::move(reason), where);
}

// The last release destroys the actor and must see the effects of all earlier ones.

void intrusive_ptr_release(actor_control_block* block) {
  static const auto f = next_function<void(actor_control_block*)>(
      "_ZN3caf21intrusive_ptr_releaseEPNS_19actor_control_blockE");
  __tsan_release(block);
  __tsan_acquire(block);
  f(block);
}

void intrusive_ptr_release_weak(actor_control_block* block) {
  static const auto f = next_function<void(actor_control_block*)>(
      "_ZN3caf26intrusive_ptr_release_weakEPNS_19actor_control_blockE");
  __tsan_release(block);
  __tsan_acquire(block);
  f(block);
}

}  // namespace caf

#endif
