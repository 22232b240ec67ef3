#include "bench/recorder.hpp"

#include <utility>

namespace stoa::bench {
namespace {

timing& named(std::map<std::string, timing, std::less<>>& all, std::string_view name) {
  const auto found = all.find(name);
  return found != all.end() ? found->second : all[std::string(name)];
}

void add(timing& to, load_clock::duration took, bool ok, std::uint64_t times) {
  to.times.add(took, times);
  to.failed += ok ? 0 : times;
}

}  // namespace

void measurements::add(const measurements& other) {
  for (const auto& [name, m] : other.operations) operations[name].add(m);
  for (const auto& [name, m] : other.steps) steps[name].add(m);
  for (const auto& [what, many] : other.errors) errors[what] += many;
  for (const auto& [what, many] : other.facts) facts[what] += many;
  for (const auto& s : other.samples) {
    if (samples.size() < samples_max) samples.push_back(s);
  }
}

histogram measurements::all_times() const {
  histogram all;
  for (const auto& [name, m] : operations) all.add(m.times);
  return all;
}

std::uint64_t measurements::done() const {
  std::uint64_t sum = 0;
  for (const auto& [name, m] : operations) sum += static_cast<std::uint64_t>(m.times.count());
  return sum;
}

std::uint64_t measurements::failed() const {
  std::uint64_t sum = 0;
  for (const auto& [name, m] : operations) sum += m.failed;
  return sum;
}

void load_recorder::step(std::string_view name, load_clock::duration took, bool ok,
                         std::uint64_t times) {
  if (counts(load_clock::now())) add(named(measured_.steps, name), took, ok, times);
}

void load_recorder::operation(std::string_view name, load_clock::duration took, bool ok,
                              load_clock::time_point at, std::uint64_t times) {
  {
    const std::scoped_lock lock(mutex_);
    interval_.times.add(took, times);
    interval_.failed += ok ? 0 : times;
  }
  if (counts(at)) add(named(measured_.operations, name), took, ok, times);
}

void load_recorder::error(std::string what, std::string sample) {
  // A server may send any number of different codes.
  const bool is_new = !measured_.errors.contains(what);
  if (is_new && measured_.errors.size() >= errors_max) what = "other errors";
  ++measured_.errors[std::move(what)];
  if (measured_.samples.size() < samples_max) measured_.samples.push_back(std::move(sample));
}

interval load_recorder::take_interval() {
  const std::scoped_lock lock(mutex_);
  return std::exchange(interval_, {});
}

}  // namespace stoa::bench
