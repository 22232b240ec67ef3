#include "actors/kernel/service_definition.hpp"

#include "actors/kernel/dead_letter_count.hpp"
#include "actors/kernel/value_type.hpp"
#include "storage/base/fault.hpp"
#include "storage/kernel/kernel_store.hpp"

namespace stoa::kernel {

namespace {

class both_runners final : public effect_runner {
 public:
  both_runners(std::unique_ptr<effect_runner> first, std::unique_ptr<effect_runner> second)
      : first_(std::move(first)), second_(std::move(second)) {}
  void start(const any_message& effect, timestamp now) override {
    first_->start(effect, now);
    second_->start(effect, now);
  }
  void tick(timestamp now) override {
    first_->tick(now);
    second_->tick(now);
  }
  std::size_t under_way() const override { return first_->under_way() + second_->under_way(); }

 private:
  std::unique_ptr<effect_runner> first_;
  std::unique_ptr<effect_runner> second_;
};

}  // namespace

effects_factory both_effects(effects_factory first, effects_factory second) {
  return [first = std::move(first), second = std::move(second)](const command_sink& report) {
    return std::make_unique<both_runners>(first(report), second(report));
  };
}

bool service_definition::may_lag(const any_message& query, const call_context& context) const {
  if (fault("decide_by_replica")) return true;
  if (!context.may_lag) return false;
  const auto found = lagging.find(query.kind());
  return found != lagging.end() && found->second(query);
}

dead_letter_list read_dead_letters(std::string_view service, const dead_letters& q,
                                   db::connection& c) {
  dead_letter_list list;
  for (auto& row : list_dead_letters(c, q.before, static_cast<std::size_t>(q.limit))) {
    list.data.push_back({std::string(service), row.event_id, std::move(row.source),
                         std::move(row.type), std::move(row.payload), std::move(row.error),
                         row.attempts, row.created_at, row.failed_at});
  }
  return list;
}

dead_letter_count read_dead_letter_count(db::connection& c) {
  return {stored_dead_letters(c)};
}

answer kernel_query(std::string_view service, const any_message& query, db::connection& c) {
  if (query.kind() == &kind_of<dead_letters>()) {
    auto list = read_dead_letters(service, query.as<dead_letters>(), c);
    return {std::make_shared<dead_letter_list>(std::move(list)), std::nullopt, false};
  }
  if (query.kind() == &kind_of<count_dead_letters>()) {
    return {std::make_shared<dead_letter_count>(read_dead_letter_count(c)), std::nullopt, false};
  }
  return {nullptr,
          problem{problem_kind::internal,
                  "internal_error",
                  "unknown query " + std::string(query.name()),
                  {}},
          false};
}

std::shared_ptr<const void> decoded_event(const value_type& type, std::string_view payload) {
  auto body = type.make();
  const auto refused =
      json::detail::read_stored(payload, json::stored_limits, type.read, body.get());
  return refused ? nullptr : std::move(body);
}

}  // namespace stoa::kernel
