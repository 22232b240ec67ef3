#include "config/services.hpp"

#include <algorithm>
#include <functional>
#include <iterator>

namespace stoa::config {

namespace {

constexpr std::string_view names[] = {
#define STOA_SERVICE(service, capability) #service,
#include STOA_SERVICES_DEF
#undef STOA_SERVICE
};

constexpr capability of_several[] = {
    {"browse", "catalog", ""},
    {"cart", "catalog pricing", "cart"},
    {"checkout", "pricing", "catalog cart order payment"},
    {"payments", "payment", ""},
};

constexpr capability of_one[] = {
#define STOA_SERVICE(service, capability) {capability, "", #service},
#include STOA_SERVICES_DEF
#undef STOA_SERVICE
};

std::vector<capability> all_capabilities() {
  std::vector<capability> all(std::begin(of_several), std::end(of_several));
  std::ranges::copy_if(of_one, std::back_inserter(all),
                       [](const capability& c) { return !c.name.empty(); });
  return all;
}

template <class Range, class Name>
std::string list_of(const Range& range, Name name, std::string_view last) {
  std::string text = "a list of ";
  for (const auto& one : range) text += std::string(name(one)) + ", ";
  return text + std::string(last);
}

}  // namespace

const std::vector<std::string>& service_names() {
  static const std::vector<std::string> all(std::begin(names), std::end(names));
  return all;
}

bool is_role(std::string_view text) {
  return text == "front" || text == "all" || std::ranges::count(names, text) > 0;
}

std::span<const capability> capabilities() {
  static const auto all = all_capabilities();
  return all;
}

bool is_capability(std::string_view text) {
  return text == "all" || std::ranges::count(capabilities(), text, &capability::name) > 0;
}

std::string_view role_form() {
  static const auto text = list_of(names, std::identity(), "front, all");
  return text;
}

std::string_view capability_form() {
  static const auto text = list_of(
      capabilities(), [](const auto& c) { return c.name; }, "all; or empty");
  return text;
}

}  // namespace stoa::config
