#pragma once
// How much of a resource an answer shows, by query parameters that all routes for reading have in
// common: `fields` (only these), `expand` (related resources too) and `count` (of a list: the total
// number of its rows).

#include "net/http/query.hpp"
#include "storage/base/json_traits.hpp"
#include "storage/base/json_value.hpp"
#include "storage/base/uuid.hpp"

#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace stoa::front {

inline constexpr std::size_t fields_max = 100;      ///< of one request
inline constexpr std::size_t field_depth_max = 16;  ///< names in one path

/// A field's path, split at its dots.
using field_path = std::span<const std::string_view>;

/// True when a resource of type T has a field at the path: through structs, lists, maps and what
/// may be absent.
template <class T>
bool has_field(field_path path) {
  if (path.empty()) return true;
  if constexpr (json::is_optional<T> || json::is_vector<T>) {
    return has_field<typename T::value_type>(path);
  } else if constexpr (json::is_nullable<T> || json::is_patch<T>) {
    return has_field<typename decltype(T::value)::value_type>(path);
  } else if constexpr (json::is_map<T>) {
    return has_field<typename T::mapped_type>(path.subspan(1));
  } else if constexpr (std::is_same_v<T, json::raw> || std::is_same_v<T, json::value>) {
    return true;
  } else if constexpr (described_struct<T> && !is_id<T>) {
    bool found = false;
    boost::mp11::mp_for_each<members_of<T>>([&](auto d) {
      using type = std::remove_cvref_t<decltype(std::declval<T&>().*d.pointer)>;
      if (path.front() == d.name) found = has_field<type>(path.subspan(1));
    });
    return found;
  } else {
    return false;
  }
}

/// What is known of the answers of a route before there is one.
struct answer_shape {
  bool (*has)(field_path) = nullptr;  ///< null: the route takes none of the parameters
  bool is_list = false;               ///< the fields are those of the rows in `data`
  bool counts = false;                ///< has a member `total`
};

template <class Reply>
constexpr answer_shape shape_of() {
  answer_shape shape;
  if constexpr (requires(Reply r) { r.data; }) {
    shape.is_list = true;
    shape.has = has_field<decltype(Reply::data)>;
  } else {
    shape.has = has_field<Reply>;
  }
  if constexpr (requires(Reply r) { r.total; }) shape.counts = true;
  return shape;
}

/// The fields that a request asks for.
class field_selection {
 public:
  /// From "name,price.amount". 400 at ?fields: an unknown field, too many, or none.
  static result<field_selection> parse(std::string_view text, const answer_shape& shape);
  /// The JSON text, as json::write makes it, with the selected fields alone.
  std::string apply(std::string_view text) const;

  struct node {
    bool whole = false;
    std::map<std::string, node, std::less<>> members;
  };

 private:
  node root_;
  bool is_list_ = false;
};

/// What one request asks for.
struct wanted_shape {
  std::shared_ptr<const field_selection> fields;  ///< null: all
  std::vector<std::string> expanded;
  bool count = false;

  bool expands(std::string_view name) const;
};

/// True when the parameter is one of these three and means something for answers of the shape.
bool is_shape_parameter(std::string_view name, const answer_shape& shape,
                        const std::vector<std::string>& expandable);

/// Reads the three parameters. 400 for a value that is not acceptable.
result<wanted_shape> read_shape(const http::query_parameters& query, const answer_shape& shape,
                                const std::vector<std::string>& expandable);

/// What the parameters of a raw query add to the route's cost, for admission control: as much as a
/// list for a count and for each expansion.
std::int64_t shape_cost(std::string_view raw_query, std::int64_t list_cost);

/// Name and schema of the parameters, for the OpenAPI document.
std::vector<std::pair<std::string, std::string>> shape_parameters(
    const answer_shape& shape, const std::vector<std::string>& expandable);

}  // namespace stoa::front
