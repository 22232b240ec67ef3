#pragma once
// How much of a resource an answer shows, by query parameters that all routes for reading have in
// common: `fields` (only these), `expand` (related resources too) and `count` (of a list: the total
// number of its rows).

#include "net/front/field_type.hpp"
#include "net/http/query.hpp"

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace stoa::front {

inline constexpr std::size_t fields_max = 100;      ///< of one request
inline constexpr std::size_t field_depth_max = 16;  ///< names in one path

/// A related resource that ?expand can ask for.
struct expansion {
  std::string name;
  std::vector<std::string> shows =
      {};  ///< paths of the fields that it adds; none: that of its name
};

/// What is known of the answers of a route before there is one.
struct answer_shape {
  const field_type& (*fields)() = nullptr;  ///< null: the route takes none of the parameters
  bool is_list = false;                     ///< the fields are those of the rows in `data`
  bool counts = false;                      ///< has a member `total`
  std::vector<expansion> expand = {};
  std::vector<std::string> hidden = {};  ///< paths of fields that these answers never have
};

template <class Reply>
answer_shape shape_of() {
  answer_shape shape;
  if constexpr (requires(Reply r) { r.data; }) {
    shape.is_list = true;
    shape.fields = field_type_of<decltype(Reply::data)>;
  } else {
    shape.fields = field_type_of<Reply>;
  }
  if constexpr (requires(Reply r) { r.total; }) shape.counts = true;
  return shape;
}

/// The fields that a request asks for.
class field_selection {
 public:
  /// From "name,price.amount". 400 at ?fields: too many, or one that the answer cannot have, with
  /// the names that it can have. `expanded`: what ?expand asks for.
  static http::result<field_selection> parse(std::string_view text, const answer_shape& shape,
                                             const std::vector<std::string>& expanded = {});
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
bool is_shape_parameter(std::string_view name, const answer_shape& shape);

/// Reads the three parameters. 400 for a value that is not acceptable.
http::result<wanted_shape> read_shape(const http::query_parameters& query,
                                      const answer_shape& shape);

/// What the parameters add to the route's cost, for admission control: as much as a list for a
/// count and for each expansion.
std::int64_t shape_cost(const http::query_parameters& query, std::int64_t one_list);

/// Name and schema of the parameters, for the OpenAPI document.
std::vector<std::pair<std::string, std::string>> shape_parameters(const answer_shape& shape);

}  // namespace stoa::front
