#pragma once
// Writes described structs as compact JSON text. The mapping of types is in json.hpp.

#include "storage/base/json_traits.hpp"
#include "storage/base/json_value.hpp"
#include "storage/base/time.hpp"
#include "storage/base/uuid.hpp"

#include <array>
#include <span>
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

/// Appends the value of the type that the function is for. As in json_read.hpp, one loop writes all
/// structs.
using writer = void (*)(std::string& out, const void* v);

/// How a member of a struct is written.
struct member_writer {
  std::string_view key;  ///< `"name":`
  writer write;
  bool (*omitted)(const void* v);  ///< null: always written
};

/// `from`: the addresses of the struct's members, in the order of `members`.
void write_members(std::string& out, std::span<const member_writer> members,
                   const void* const* from);
/// `count` elements of `element_size` bytes each.
void write_items(std::string& out, const void* first, std::size_t count, std::size_t element_size,
                 writer write);

template <class T>
void write_as(std::string& out, const void* v) {
  write_to(out, *static_cast<const T*>(v));
}

template <class M>
bool is_omitted(const void* v) {
  const M& m = *static_cast<const M*>(v);
  if constexpr (is_optional<M>) {
    return !m.has_value();
  } else {
    return !m.present;
  }
}

/// The function that writes a T.
template <class T>
constexpr writer writer_of() {
  if constexpr (is_id<T>) {
    static_assert(std::is_standard_layout_v<T> && sizeof(T) == sizeof(uuid));
    return &write_as<uuid>;
  } else {
    return &write_as<T>;
  }
}

/// How the member of descriptor D in T is written.
template <class T, class D>
constexpr member_writer writer_of_member() {
  using type = std::remove_cvref_t<decltype(std::declval<const T&>().*D::pointer)>;
  member_writer m{key_of<D>.view(), writer_of<type>(), nullptr};
  if constexpr (is_optional<type> || is_patch<type>) m.omitted = &is_omitted<type>;
  return m;
}

template <class T, class Members>
struct struct_writers;
template <class T, template <class...> class List, class... D>
struct struct_writers<T, List<D...>> {
  static constexpr std::array<member_writer, sizeof...(D)> list{writer_of_member<T, D>()...};
};

template <class T>
void write_struct(std::string& out, const T& object) {
  const auto addresses = member_addresses(object);
  write_members(out, struct_writers<T, members_of<T>>::list, addresses.data());
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
    using element = typename T::value_type;
    detail::write_items(out, v.data(), v.size(), sizeof(element), detail::writer_of<element>());
  } else if constexpr (is_map<T>) {
    detail::write_map(out, v);
  } else if constexpr (described_struct<T>) {
    detail::write_struct(out, v);
  } else {
    static_assert(unsupported<T>, "json.hpp does not define how to write this type");
  }
}

namespace detail {
// Compiled in json_write.cpp.
extern template void write_as<bool>(std::string&, const void*);
extern template void write_as<std::int64_t>(std::string&, const void*);
extern template void write_as<int>(std::string&, const void*);
extern template void write_as<double>(std::string&, const void*);
extern template void write_as<std::string>(std::string&, const void*);
extern template void write_as<uuid>(std::string&, const void*);
extern template void write_as<timestamp>(std::string&, const void*);
extern template void write_as<money>(std::string&, const void*);
extern template void write_as<value>(std::string&, const void*);
extern template void write_as<std::optional<std::string>>(std::string&, const void*);
extern template void write_as<std::optional<std::int64_t>>(std::string&, const void*);
extern template void write_as<std::optional<timestamp>>(std::string&, const void*);
extern template void write_as<std::optional<money>>(std::string&, const void*);
extern template void write_as<nullable<std::string>>(std::string&, const void*);
extern template void write_as<std::vector<std::string>>(std::string&, const void*);
extern template void write_as<std::map<std::string, std::string>>(std::string&, const void*);
extern template void write_as<std::optional<std::map<std::string, std::string>>>(std::string&,
                                                                                 const void*);
}  // namespace detail

/// v as compact JSON.
template <class T>
std::string write(const T& v) {
  std::string& out = detail::scratch();
  write_to(out, v);
  return out;
}

}  // namespace stoa::json
