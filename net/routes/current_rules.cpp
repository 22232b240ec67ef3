#include "net/routes/current_rules.hpp"

namespace stoa::front {

task<pricing::rule_book_ptr> current_rules(exchange& x) {
  const auto asked = price_rules::clock::now();
  if (auto known = x.shared->rules->current(asked)) co_return known;
  pricing::get_rules query;
  auto news = co_await x.ask(std::move(query));
  co_return x.shared->rules->take(std::move(news), asked);
}

task<none> learn_rules(exchange& x) {
  const auto asked = price_rules::clock::now();
  pricing::get_rules query;
  auto news = co_await x.try_ask(std::move(query));
  if (news) x.shared->rules->take(std::move(*news), asked);
  co_return none{};
}

}  // namespace stoa::front
