#include "net/shopify/price_batch.hpp"

#include <algorithm>
#include <utility>

namespace stoa::shopify {

namespace {

kernel::answer price_answer(catalog::import_answer value) {
  return {std::make_shared<catalog::import_answer>(std::move(value)), std::nullopt, false};
}

kernel::answer price_failure(problem why) {
  return {nullptr, std::move(why), false};
}

template <class Reply>
const Reply& reply_of(const kernel::answer& a) {
  return *static_cast<const Reply*>(a.value.get());
}

/// The errors of the line, which the service calls its own.
problem as_line_error(const field_error& e) {
  return invalid_field(e.pointer, e.code, e.detail);
}

}  // namespace

price_batch::price_batch(catalog_target& target, bool dry_run,
                         std::optional<catalog::import_step> step, std::vector<numbered_line> lines)
    : target_(target),
      dry_run_(dry_run),
      step_(std::move(step)),
      lines_(std::move(lines)),
      answers_(lines_.size()),
      products_(lines_.size()),
      is_stored_(lines_.size()) {}

std::vector<kernel::answer> price_batch::run() {
  look_up();
  for (std::size_t i = 0; i < lines_.size();) {
    if (std::holds_alternative<price_line>(lines_[i].line)) {
      i = set_prices(i);
    } else {
      set_list(i++);
    }
  }
  if (step_) count();
  return std::move(answers_);
}

void price_batch::fail_open(const problem& why) {
  for (std::size_t i = 0; i < lines_.size(); ++i) {
    if (is_open(i)) answers_[i] = price_failure(why);
  }
}

void price_batch::look_up() {
  catalog::find_references query;
  query.step = step_;
  std::vector<std::size_t> priced;
  for (std::size_t i = 0; i < lines_.size(); ++i) {
    query.numbers.push_back(lines_[i].number);
    const auto* line = std::get_if<price_line>(&lines_[i].line);
    if (!line) continue;
    query.references.push_back(reference_of(*line));
    priced.push_back(i);
  }
  const auto a = target_.run(std::move(query));
  if (a.error) return fail_open(*a.error);
  const auto& found = reply_of<catalog::found_references>(a);
  for (std::size_t n = 0; n < priced.size(); ++n) {
    const auto i = priced[n];
    if (found.data[n].product_id) products_[i] = *found.data[n].product_id;
    // Also of a line before one that is counted: an earlier run may have rejected it.
    if (found.data[n].error) answers_[i] = price_failure(as_line_error(*found.data[n].error));
  }
  for (std::size_t i = 0; i < lines_.size(); ++i) {
    if (is_open(i) && std::ranges::count(found.counted, lines_[i].number) > 0) {
      answers_[i] = price_answer({});
    }
  }
}

void price_batch::set_list(std::size_t i) {
  if (!is_open(i)) return;
  auto command = std::get<pricing::import_price_list>(lines_[i].line);
  command.dry_run = dry_run_;
  auto a = target_.run(std::move(command));
  if (a.error && is_transient(*a.error)) return fail_open(*a.error);
  is_stored_[i] = !a.error;
  answers_[i] = std::move(a);
}

std::size_t price_batch::set_prices(std::size_t from) {
  pricing::import_prices command;
  command.dry_run = dry_run_;
  std::vector<std::size_t> sent;
  auto i = from;
  for (; i < lines_.size(); ++i) {
    const auto* line = std::get_if<price_line>(&lines_[i].line);
    if (!line) break;
    if (!is_open(i)) continue;
    command.prices.push_back(imported_price_of(*line, products_[i]));
    sent.push_back(i);
  }
  if (sent.empty()) return i;
  const auto a = target_.run(std::move(command));
  if (a.error) {
    fail_open(*a.error);
    return i;
  }
  const auto& outcomes = reply_of<pricing::price_imports>(a).data;
  for (std::size_t n = 0; n < sent.size(); ++n) {
    is_stored_[sent[n]] = !outcomes[n].error;
    answers_[sent[n]] =
        outcomes[n].error ? price_failure(*outcomes[n].error) : price_answer(outcomes[n].answer);
  }
  return i;
}

void price_batch::count() {
  catalog::count_lines command{*step_, {}};
  for (std::size_t i = 0; i < lines_.size(); ++i) {
    if (!is_stored_[i]) continue;
    command.lines.push_back(
        {lines_[i].number, reply_of<catalog::import_answer>(answers_[i]).outcome});
  }
  if (command.lines.empty()) return;
  const auto a = target_.run(std::move(command));
  if (!a.error) return;
  for (std::size_t i = 0; i < lines_.size(); ++i) {
    if (is_stored_[i]) answers_[i] = price_failure(*a.error);
  }
}

}  // namespace stoa::shopify
