#pragma once
// How the taxes of an order were determined, if the store asks an external provider.

#include "storage/base/describe.hpp"
#include "storage/base/json.hpp"

#include <optional>
#include <string>

namespace stoa {

struct tax_record {
  static constexpr std::string_view schema_name = "tax_record";
  std::string provider;
  std::optional<std::string> reference = std::nullopt;
  std::optional<std::string> failure = std::nullopt;
  static constexpr json::rule rules[] = {
      {.field = "provider",
       .description = "`http`: the external provider. `builtin`: the store's tax rates, because "
                      "the provider did not answer.",
       .one_of = "http builtin"},
      {.field = "reference", .description = "The provider's reference of its answer."},
      {.field = "failure",
       .description = "With `builtin`: why the provider's answer was not used, such as timed_out "
                      "or wrong_sum."}};
  bool operator==(const tax_record&) const = default;
};
BOOST_DESCRIBE_STRUCT(tax_record, (), (provider, reference, failure))

}  // namespace stoa
