#pragma once
// Query parameters that all routes for reading have in common and that select the parts of a
// resource in the response: `fields` (only these), `expand` (related resources) and `count` (of a
// list: the total number of rows).

#include "net/front/field_type.hpp"
#include "net/http/query.hpp"

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace stoa::front {

inline constexpr std::size_t fields_max = 100;      ///< per request
inline constexpr std::size_t field_depth_max = 16;  ///< names in one path

/// A related resource for ?expand.
struct expansion {
  std::string name;
  std::vector<std::string> shows =
      {};  ///< paths of the fields that it adds; empty: the field of its name
};

/// The structure of a route's responses.
struct answer_shape {
  const field_type& (*fields)() = nullptr;  ///< null: the route accepts none of the parameters
  bool is_list = false;                     ///< the fields are those of the rows in `data`
  bool counts = false;                      ///< has a member `total`
  std::vector<expansion> expand = {};
  std::vector<std::string> hidden = {};  ///< paths of fields that these responses never have
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

/// The fields selected by a request.
class field_selection {
 public:
  /// Parses "name,price.amount". 400 at ?fields: too many, or an unknown one, with the allowed
  /// names. `expanded`: the expansions requested by ?expand.
  static http::result<field_selection> parse(std::string_view text, const answer_shape& shape,
                                             const std::vector<std::string>& expanded = {});
  /// The JSON text, as json::write produces it, reduced to the selected fields.
  std::string apply(std::string_view text) const;

  struct node {
    bool whole = false;
    std::map<std::string, node, std::less<>> members;
  };

 private:
  node root_;
  bool is_list_ = false;
};

/// The parts of the response that a request selects.
struct wanted_shape {
  std::shared_ptr<const field_selection> fields;  ///< null: all
  std::vector<std::string> expanded;
  bool count = false;

  bool expands(std::string_view name) const;
};

/// True when the parameter is one of the three and applies to responses of this shape.
bool is_shape_parameter(std::string_view name, const answer_shape& shape);

/// Reads the three parameters. 400 for an invalid value.
http::result<wanted_shape> read_shape(const http::query_parameters& query,
                                      const answer_shape& shape);

/// The additional cost for admission control: the cost of a list for a count and for each
/// expansion.
std::int64_t shape_cost(const http::query_parameters& query, std::int64_t one_list);

/// Name and schema of the parameters, for the OpenAPI document.
std::vector<std::pair<std::string, std::string>> shape_parameters(const answer_shape& shape);

}  // namespace stoa::front
