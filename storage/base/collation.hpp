#pragma once
// Collation of names in a language: UTS #10 and CLDR, by ICU.

#include <memory>
#include <string>
#include <string_view>

namespace stoa::text {

class collation {
 public:
  /// `locale` is a BCP 47 tag, as de-AT or de-u-co-phonebk. Throws std::invalid_argument for one
  /// that ICU cannot read.
  explicit collation(const std::string& locale);

  /// A sort key of at most 192 bytes that compares bytewise like the names; names that
  /// differ only after these bytes have equal keys. It is valid UTF-8 without zero bytes, as
  /// databases require.
  std::string key(std::string_view name) const;

  /// Changes when existing keys are not comparable with new ones: with the locale or the version of
  /// ICU's data.
  const std::string& version() const;

 private:
  struct state;
  std::shared_ptr<const state> state_;
};

}  // namespace stoa::text
