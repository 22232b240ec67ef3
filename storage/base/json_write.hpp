#pragma once
// Writes described structs as compact JSON text. The mapping of types is in json.hpp.

#include "storage/base/json_traits.hpp"
#include "storage/base/json_value.hpp"
#include "storage/base/time.hpp"
#include "storage/base/uuid.hpp"

#include <string>
#include <string_view>

namespace stoa::json {

/// Appends the value to the text. Invalid UTF-8 becomes U+FFFD, so that the output is always
/// readable; an infinite or NaN double becomes null.
void append(std::string& out, std::string_view v);
void append(std::string& out, bool v);
void append(std::string& out, std::int64_t v);
void append(std::string& out, std::uint64_t v);
void append(std::string& out, double v);
void append(std::string& out, const uuid& v);
void append(std::string& out, const timestamp& v);
void append(std::string& out, const value& v);

template <class T>
void write_to(std::string& out, const T& v);

namespace detail {

/// `"name":` with room for the preceding separator, built at compile time.
template <std::size_t N>
struct key_text {
  char text[N + 3]{};
  constexpr explicit key_text(const char* name) {
    std::size_t at = 0;
    text[at++] = '"';
    while (*name != '\0') text[at++] = *name++;
    text[at++] = '"';
    text[at++] = ':';
  }
  constexpr std::string_view view() const { return {text, N + 3}; }
};

template <class D>
inline constexpr key_text<std::string_view(D::name).size()> key_of{D::name};

/// True if the member is omitted.
template <class M>
bool left_out(const M& m) {
  if constexpr (is_optional<M>) {
    return !m.has_value();
  } else if constexpr (is_patch<M>) {
    return !m.present;
  } else {
    return false;
  }
}

template <class T>
void write_struct(std::string& out, const T& object) {
  bool first = true;
  out.push_back('{');
  boost::mp11::mp_for_each<members_of<T>>([&](auto d) {
    const auto& m = object.*d.pointer;
    if (left_out(m)) return;
    if (!first) out.push_back(',');
    first = false;
    out.append(key_of<decltype(d)>.view());
    write_to(out, m);
  });
  out.push_back('}');
}

template <class T>
void write_array(std::string& out, const T& items) {
  out.push_back('[');
  bool first = true;
  for (const auto& item : items) {
    if (!first) out.push_back(',');
    first = false;
    write_to(out, item);
  }
  out.push_back(']');
}

template <class T>
void write_map(std::string& out, const T& map) {
  out.push_back('{');
  bool first = true;
  for (const auto& [name, item] : map) {
    if (!first) out.push_back(',');
    first = false;
    append(out, std::string_view(name));
    out.push_back(':');
    write_to(out, item);
  }
  out.push_back('}');
}

template <class T>
void write_optional(std::string& out, const std::optional<T>& v) {
  if (v) {
    write_to(out, *v);
  } else {
    out.append("null");
  }
}

/// The buffer of json::write, one per thread.
std::string& scratch();

}  // namespace detail

/// Appends v as compact JSON.
template <class T>
void write_to(std::string& out, const T& v) {
  if constexpr (json_integer<T> && std::is_signed_v<T>) {
    append(out, static_cast<std::int64_t>(v));
  } else if constexpr (json_integer<T>) {
    append(out, static_cast<std::uint64_t>(v));
  } else if constexpr (std::is_same_v<T, bool> || std::is_same_v<T, uuid> ||
                       std::is_same_v<T, timestamp> || std::is_same_v<T, value>) {
    append(out, v);
  } else if constexpr (std::is_floating_point_v<T>) {
    append(out, static_cast<double>(v));
  } else if constexpr (std::is_convertible_v<const T&, std::string_view>) {
    append(out, std::string_view(v));
  } else if constexpr (described_enum<T>) {
    append(out, enum_name(v));
  } else if constexpr (is_id<T>) {
    append(out, v.value);
  } else if constexpr (std::is_same_v<T, raw>) {
    out.append(v.text.empty() ? std::string_view("null") : std::string_view(v.text));
  } else if constexpr (is_nullable<T> || is_patch<T>) {
    detail::write_optional(out, v.value);
  } else if constexpr (is_optional<T>) {
    detail::write_optional(out, v);
  } else if constexpr (is_vector<T>) {
    detail::write_array(out, v);
  } else if constexpr (is_map<T>) {
    detail::write_map(out, v);
  } else if constexpr (described_struct<T>) {
    detail::write_struct(out, v);
  } else {
    static_assert(unsupported<T>, "json.hpp does not define how to write this type");
  }
}

/// v as compact JSON.
template <class T>
std::string write(const T& v) {
  std::string& out = detail::scratch();
  write_to(out, v);
  return out;
}

}  // namespace stoa::json
