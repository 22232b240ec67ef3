#include "actors/kernel/directory.hpp"
#include "config/log.hpp"

namespace stoa::kernel {

namespace {

answer read_one(const request_box& r, service_entry& service, db::connection& c) {
  if (r.context.deadline.us != 0 && system_time().now() > r.context.deadline) {
    return {nullptr, unavailable("The request waited for longer than its deadline."), false};
  }
  try {
    return service.definition.read(r.message, r.context, c);
  } catch (const db::error& e) {
    log::error("query failed", {{"service", service.definition.name},
                                {"message", r.message.name()},
                                {"error", std::string(e.what())}});
    return {nullptr, unavailable("The data cannot be read now."), false};
  } catch (const std::exception& e) {
    log::error("query failed", {{"service", service.definition.name},
                                {"message", r.message.name()},
                                {"error", std::string(e.what())}});
    return {nullptr, problem{500, "internal_error", "The query failed.", {}}, false};
  }
}

}  // namespace

caf::behavior reader_actor(caf::event_based_actor*, directory&, service_entry& service) {
  std::shared_ptr<db::connection> connection = service.database->open(db::access::read);
  return {
      [connection, &service](const request_box& r) -> answer_box {
        return answer_box{read_one(r, service, *connection)};
      },
      [](sync_atom) -> bool { return true; },
  };
}

}  // namespace stoa::kernel
