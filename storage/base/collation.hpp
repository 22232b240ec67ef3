#pragma once
// The order of names in a language: Unicode collation (UTS #10, CLDR) by ICU.

#include <memory>
#include <string>
#include <string_view>

namespace stoa::text {

class collation {
 public:
  /// `locale` is a BCP 47 tag, as de-AT or de-u-co-phonebk. Throws std::invalid_argument for one
  /// that ICU cannot read.
  explicit collation(const std::string& locale);

  /// Text whose bytes compare as the names do, at most 192 bytes long: names that differ only
  /// behind that have the same key. It is valid UTF-8 without zero bytes, as databases keep it, and
  /// means nothing else.
  std::string key(std::string_view name) const;

  /// Changes when keys made before cannot be compared with new ones: another locale, another
  /// version of ICU's data.
  const std::string& version() const;

 private:
  struct state;
  std::shared_ptr<const state> state_;
};

}  // namespace stoa::text
