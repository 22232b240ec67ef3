#pragma once
// Fills any described struct, each member with a different value: the same values in every run.

#include "storage/base/json_traits.hpp"
#include "storage/base/time.hpp"
#include "storage/base/uuid.hpp"

#include <array>
#include <span>

namespace stoa::test {

class filler {
 public:
  /// A T with every optional set, one element in every list, the last enumerator of every enum.
  template <class T>
  static T filled() {
    T out{};
    filler().fill(out, "value");
    return out;
  }

 private:
  /// Nesting limit of structs that contain lists of themselves.
  static constexpr int depth_max = 4;

  // Structs are filled by one loop over tables: a template for each struct takes minutes to
  // compile.
  using function = void (*)(filler&, void* out, std::string_view name);
  struct member {
    std::string_view name;
    function fill;
  };
  template <class T>
  static void fill_as(filler& f, void* out, std::string_view name) {
    f.fill(*static_cast<T*>(out), name);
  }
  template <class T, class Members>
  struct members;
  template <class T, template <class...> class List, class... D>
  struct members<T, List<D...>> {
    static constexpr std::array<member, sizeof...(D)> list{member{
        D::name, &fill_as<std::remove_cvref_t<decltype(std::declval<T&>().*D::pointer)>>}...};
  };
  [[gnu::noinline]] void fill_members(std::span<const member> all, void* const* out) {
    ++depth_;
    for (const auto& m : all) m.fill(*this, *out++, m.name);
    --depth_;
  }
  [[gnu::noinline]] void fill_text(std::string& out, std::string_view name) {
    out = std::string(name) + " \"\u00e9\" " + std::to_string(++count_);
  }

  template <class T>
  void fill(T& out, std::string_view name) {
    if constexpr (std::is_same_v<T, bool>) {
      out = true;
    } else if constexpr (json::json_integer<T> || std::is_floating_point_v<T>) {
      out = static_cast<T>(++count_);
    } else if constexpr (std::is_same_v<T, std::string>) {
      fill_text(out, name);
    } else if constexpr (described_enum<T>) {
      out = enumerator_values<T>.back();
    } else if constexpr (std::is_same_v<T, uuid>) {
      out = next_uuid();
    } else if constexpr (is_id<T>) {
      out.value = next_uuid();
    } else if constexpr (std::is_same_v<T, timestamp>) {
      out.us = 1'700'000'000'000'000 + ++count_ * 1'000'001;
    } else if constexpr (std::is_same_v<T, json::raw>) {
      out.text = R"({"raw":)" + std::to_string(++count_) + "}";
    } else if constexpr (json::is_optional<T>) {
      fill(out.emplace(), name);
    } else if constexpr (json::is_nullable<T>) {
      fill(out.value.emplace(), name);
    } else if constexpr (json::is_patch<T>) {
      out.present = true;
      fill(out.value.emplace(), name);
    } else if constexpr (json::is_vector<T>) {
      if (depth_ < depth_max) fill(out.emplace_back(), name);
    } else if constexpr (json::is_map<T>) {
      fill(out["key"], name);
    } else if constexpr (described_struct<T>) {
      fill_members(members<T, members_of<T>>::list, member_addresses(out).data());
    } else {
      static_assert(json::unsupported<T>, "add a rule for this type");
    }
  }

  uuid next_uuid() {
    const auto n = static_cast<std::uint64_t>(++count_);
    return make_uuid_v7(1'700'000'000'000 + n, n * 0x9E3779B97F4A7C15, n * 0xC2B2AE3D27D4EB4F);
  }

  std::int64_t count_ = 0;
  int depth_ = 0;
};

}  // namespace stoa::test
