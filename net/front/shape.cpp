#include "net/front/shape.hpp"

#include "storage/base/json_write.hpp"
#include "storage/base/text.hpp"

#include <algorithm>
#include <optional>

namespace stoa::front {

namespace {

std::vector<std::string_view> split(std::string_view text, char at) {
  std::vector<std::string_view> parts;
  while (true) {
    const auto end = text.find(at);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

http::problem bad_parameter(std::string_view name, std::string code, std::string detail) {
  return {400,
          "invalid_request",
          "Invalid query parameter.",
          {{"?" + std::string(name), std::move(code), std::move(detail)}}};
}

bool is_hidden(const std::string& path, const answer_shape& shape) {
  return std::ranges::find(shape.hidden, path) != shape.hidden.end();
}

/// The expansion that the field requires and that is not requested; null: none is required.
const expansion* missing_expansion(const std::string& path, const answer_shape& shape,
                                   const std::vector<std::string>& expanded) {
  for (const auto& e : shape.expand) {
    const bool shows_it =
        e.shows.empty() ? e.name == path : std::ranges::find(e.shows, path) != e.shows.end();
    if (shows_it && std::ranges::find(expanded, e.name) == expanded.end()) return &e;
  }
  return nullptr;
}

std::string below(const std::string& path, std::string_view name) {
  return path.empty() ? std::string(name) : path + "." + std::string(name);
}

/// The names of the response's fields at the path.
std::string names_at(const field_type& type, const std::string& path, const answer_shape& shape,
                     const std::vector<std::string>& expanded) {
  std::string names;
  for (const auto& m : type.members) {
    const auto here = below(path, m.name);
    if (is_hidden(here, shape) || missing_expansion(here, shape, expanded)) continue;
    names += (names.empty() ? "" : ", ") + std::string(m.name);
  }
  return names;
}

/// Why responses cannot have a field at the path; nothing when they can.
std::optional<std::string> wrong_path(const std::vector<std::string_view>& names,
                                      const answer_shape& shape,
                                      const std::vector<std::string>& expanded) {
  if (names.size() > field_depth_max) {
    return "A path can have at most " + std::to_string(field_depth_max) + " names.";
  }
  const auto* type = &shape.fields();
  std::string path;
  for (const auto name : names) {
    const auto here = below(path, name);
    const auto* inner = type->find(name);
    if (!inner || is_hidden(here, shape)) {
      const auto known = names_at(*type, path, shape, expanded);
      return "Unknown field \"" + here + "\". " +
             (known.empty() ? "\"" + path + "\" has no fields." : "Fields: " + known + ".");
    }
    if (const auto* e = missing_expansion(here, shape, expanded)) {
      return "\"" + here + "\" requires expand=" + e->name + ".";
    }
    type = inner;
    path = here;
  }
  return std::nullopt;
}

/// Copies the selected parts of a JSON text that json::write produced: compact and valid.
class projection {
 public:
  projection(std::string_view in, std::string& out) : in_(in), out_(out) {}

  void value(const field_selection::node& wanted) {
    const char first = wanted.whole ? '\0' : in_[at_];
    if (first == '{') {
      object([&](std::string_view name) {
        const auto found = wanted.members.find(name);
        return found == wanted.members.end() ? nullptr : &found->second;
      });
    } else if (first == '[') {
      array(wanted);
    } else {
      copy();
    }
  }

  /// The whole page object, with the selected parts of each row of `data`.
  void page(const field_selection::node& wanted) {
    static const field_selection::node all{true, {}};
    object([&](std::string_view name) { return name == "data" ? &wanted : &all; });
  }

 private:
  template <class Find>
  void object(Find&& find) {
    out_ += in_[at_++];
    bool first = true;
    while (in_[at_] != '}') {
      if (in_[at_] == ',') ++at_;
      const auto start = at_;
      skip_string();
      const auto name = in_.substr(start + 1, at_ - start - 2);
      const auto* wanted = find(name);
      ++at_;  // the colon
      if (wanted == nullptr) {
        skip();
        continue;
      }
      if (!first) out_ += ',';
      first = false;
      out_.append(in_.substr(start, name.size() + 2)).append(":");
      value(*wanted);
    }
    out_ += in_[at_++];
  }
  void array(const field_selection::node& wanted) {
    out_ += in_[at_++];
    while (in_[at_] != ']') {
      if (in_[at_] == ',') out_ += in_[at_++];
      value(wanted);
    }
    out_ += in_[at_++];
  }
  void copy() {
    const auto start = at_;
    skip();
    out_.append(in_.substr(start, at_ - start));
  }
  void skip_string() {
    for (++at_; in_[at_] != '"'; ++at_) {
      if (in_[at_] == '\\') ++at_;
    }
    ++at_;
  }
  void skip() {
    std::size_t depth = 0;
    do {
      const char c = in_[at_];
      if (c == '"') {
        skip_string();
        continue;
      }
      if (c == '{' || c == '[') ++depth;
      if (c == '}' || c == ']') --depth;
      ++at_;
    } while (depth > 0 || !is_end());
  }
  bool is_end() const {
    return at_ >= in_.size() || in_[at_] == ',' || in_[at_] == '}' || in_[at_] == ']';
  }

  std::string_view in_;
  std::size_t at_ = 0;
  std::string& out_;
};

}  // namespace

http::result<field_selection> field_selection::parse(std::string_view text,
                                                     const answer_shape& shape,
                                                     const std::vector<std::string>& expanded) {
  field_selection selection;
  selection.is_list_ = shape.is_list;
  const auto paths = split(text, ',');
  if (paths.size() > fields_max) {
    return bad_parameter("fields", "too_many",
                         "At most " + std::to_string(fields_max) + " fields.");
  }
  for (const auto path : paths) {
    const auto names = split(path, '.');
    if (auto wrong = wrong_path(names, shape, expanded)) {
      return bad_parameter("fields", "unknown", std::move(*wrong));
    }
    auto* at = &selection.root_;
    for (const auto name : names) at = &at->members[std::string(name)];
    at->whole = true;
  }
  return selection;
}

std::string field_selection::apply(std::string_view text) const {
  std::string out;
  out.reserve(text.size() / 2);
  projection p(text, out);
  if (is_list_) {
    p.page(root_);
  } else {
    p.value(root_);
  }
  return out;
}

namespace {

std::vector<std::string> expand_names(const answer_shape& shape) {
  std::vector<std::string> names;
  for (const auto& e : shape.expand) names.push_back(e.name);
  return names;
}

/// The schema of `fields`. Its pattern lists the names of the first level and allows any path below
/// a name that has fields.
std::string fields_schema(const answer_shape& shape) {
  std::vector<std::string> plain;
  std::vector<std::string> structured;
  std::vector<std::string> all;
  for (const auto& m : shape.fields().members) {
    const std::string name(m.name);
    if (is_hidden(name, shape)) continue;
    all.push_back(name);
    (m.type().has_fields() ? structured : plain).push_back(name);
  }
  std::string pattern = text::join(plain, "|");
  if (!structured.empty()) {
    pattern += (plain.empty() ? "(" : "|(") + text::join(structured, "|") + ")([.][^.,]+)*";
  }
  return R"({"type":"array","items":{"type":"string","pattern":)" +
         json::write("^(" + pattern + ")$") + R"(,"examples":[)" + json::write(all.front()) +
         R"(]},"minItems":1,"maxItems":)" + std::to_string(fields_max) + R"(,"description":)" +
         json::write(std::string("Only these fields") + (shape.is_list ? " of each row" : "") +
                     "; a dot selects a nested field. Other fields are omitted, including required "
                     "ones. Names: " +
                     text::join(all, ", ") + ".") +
         "}";
}

}  // namespace

bool wanted_shape::expands(std::string_view name) const {
  return std::find(expanded.begin(), expanded.end(), name) != expanded.end();
}

bool is_shape_parameter(std::string_view name, const answer_shape& shape) {
  if (shape.fields == nullptr) return false;
  return name == "fields" || (name == "count" && shape.counts) ||
         (name == "expand" && !shape.expand.empty());
}

http::result<wanted_shape> read_shape(const http::query_parameters& query,
                                      const answer_shape& shape) {
  wanted_shape wanted;
  if (shape.fields == nullptr) return wanted;
  if (const auto text = query.find("expand"); text && !shape.expand.empty()) {
    const auto names = expand_names(shape);
    for (const auto name : split(*text, ',')) {
      if (std::ranges::find(names, name) == names.end()) {
        return bad_parameter("expand", "unknown",
                             "\"" + std::string(name) + "\" cannot be expanded. Allowed values: " +
                                 text::join(names, ", ") + ".");
      }
      if (!wanted.expands(name)) wanted.expanded.emplace_back(name);
    }
  }
  if (const auto text = query.find("fields")) {
    auto selection = field_selection::parse(*text, shape, wanted.expanded);
    if (!selection) return std::move(selection.error());
    wanted.fields = std::make_shared<const field_selection>(std::move(*selection));
  }
  if (const auto text = query.find("count"); text && shape.counts) {
    if (*text != "true" && *text != "false") {
      return bad_parameter("count", "type", "This must be true or false.");
    }
    wanted.count = *text == "true";
  }
  return wanted;
}

std::int64_t shape_cost(const http::query_parameters& query, std::int64_t one_list) {
  std::int64_t cost = 0;
  if (query.find("count") == "true") cost += one_list;
  if (const auto text = query.find("expand"); text && !text->empty()) {
    cost += one_list * (1 + std::count(text->begin(), text->end(), ','));
  }
  return cost;
}

std::vector<std::pair<std::string, std::string>> shape_parameters(const answer_shape& shape) {
  std::vector<std::pair<std::string, std::string>> list;
  if (shape.fields == nullptr) return list;
  list.emplace_back("fields", fields_schema(shape));
  if (!shape.expand.empty()) {
    list.emplace_back(
        "expand", R"({"type":"array","items":{"type":"string","enum":)" +
                      json::write(expand_names(shape)) +
                      R"(},"minItems":1,"description":"Related resources to show with each."})");
  }
  if (shape.counts) {
    list.emplace_back("count",
                      R"({"type":"boolean","default":false,"description":"Show the number of all )"
                      R"(rows of the list as total."})");
  }
  return list;
}

}  // namespace stoa::front
