#include "net/front/price_rules.hpp"

namespace stoa::front {

pricing::rule_book_ptr price_rules::current(clock::time_point now) const {
  const std::scoped_lock lock(mutex_);
  return rules_ && now - as_of_ <= age_max ? rules_ : nullptr;
}

pricing::rule_book_ptr price_rules::latest() const {
  const std::scoped_lock lock(mutex_);
  return rules_;
}

bool price_rules::may_have_price_lists(clock::time_point now) const {
  const std::scoped_lock lock(mutex_);
  return !rules_ || now - as_of_ > age_max || !rules_->price_lists().empty();
}

std::optional<stoa::revision_id> price_rules::known() const {
  const std::scoped_lock lock(mutex_);
  if (!rules_) return std::nullopt;
  return rules_->revision();
}

pricing::rule_book_ptr price_rules::take(pricing::get_rules::answer news, clock::time_point asked) {
  pricing::rule_book_ptr made;
  if (news.content) {
    made = std::make_shared<const pricing::rule_book>(news.revision, std::move(*news.content));
  }
  const std::scoped_lock lock(mutex_);
  // Without content the answer says that the known revision is current; another answer may have
  // replaced it since.
  if (!made && rules_ && rules_->revision() == news.revision) made = rules_;
  if (made && asked >= as_of_) {
    rules_ = made;
    as_of_ = asked;
  }
  return made ? made : rules_;
}

microseconds price_rules::age(clock::time_point now) const {
  const std::scoped_lock lock(mutex_);
  return std::chrono::duration_cast<microseconds>(now - as_of_);
}

}  // namespace stoa::front
