#include "net/front/shape.hpp"

#include "storage/base/json_write.hpp"

#include <algorithm>

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

problem bad_parameter(std::string_view name, std::string code, std::string detail) {
  return {400,
          "invalid_request",
          "A query parameter is not acceptable.",
          {{"?" + std::string(name), std::move(code), std::move(detail)}}};
}

/// Copies the selected parts of a JSON text that this program has written: compact and valid.
class projection {
 public:
  projection(std::string_view in, std::string& out) : in_(in), out_(out) {}

  void value(const field_selection::node& wanted) {
    if (wanted.whole) {
      copy();
    } else if (in_[at_] == '{') {
      object([&](std::string_view name) {
        const auto found = wanted.members.find(name);
        return found == wanted.members.end() ? nullptr : &found->second;
      });
    } else if (in_[at_] == '[') {
      array(wanted);
    } else {
      copy();
    }
  }

  /// All of the object, and of its list `data` the wanted parts of each row.
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

result<field_selection> field_selection::parse(std::string_view text, const answer_shape& shape) {
  field_selection selection;
  selection.is_list_ = shape.is_list;
  const auto paths = split(text, ',');
  if (paths.size() > fields_max) {
    return bad_parameter("fields", "too_many",
                         "At most " + std::to_string(fields_max) + " fields.");
  }
  for (const auto path : paths) {
    const auto names = split(path, '.');
    if (names.size() > field_depth_max || !shape.has(names)) {
      return bad_parameter("fields", "unknown",
                           "There is no field \"" + std::string(path) + "\" here.");
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

bool wanted_shape::expands(std::string_view name) const {
  return std::find(expanded.begin(), expanded.end(), name) != expanded.end();
}

bool is_shape_parameter(std::string_view name, const answer_shape& shape,
                        const std::vector<std::string>& expandable) {
  if (shape.has == nullptr) return false;
  return name == "fields" || (name == "count" && shape.counts) ||
         (name == "expand" && !expandable.empty());
}

result<wanted_shape> read_shape(const http::query_parameters& query, const answer_shape& shape,
                                const std::vector<std::string>& expandable) {
  wanted_shape wanted;
  if (shape.has == nullptr) return wanted;
  if (const auto text = query.find("fields")) {
    auto selection = field_selection::parse(*text, shape);
    if (!selection) return std::move(selection.error());
    wanted.fields = std::make_shared<const field_selection>(std::move(*selection));
  }
  if (const auto text = query.find("expand"); text && !expandable.empty()) {
    for (const auto name : split(*text, ',')) {
      if (std::find(expandable.begin(), expandable.end(), name) == expandable.end()) {
        return bad_parameter("expand", "unknown",
                             "\"" + std::string(name) + "\" cannot be expanded here.");
      }
      if (!wanted.expands(name)) wanted.expanded.emplace_back(name);
    }
  }
  if (const auto text = query.find("count"); text && shape.counts) {
    if (*text != "true" && *text != "false") {
      return bad_parameter("count", "type", "This must be true or false.");
    }
    wanted.count = *text == "true";
  }
  return wanted;
}

std::int64_t shape_cost(std::string_view raw_query, std::int64_t list_cost) {
  if (raw_query.empty()) return 0;
  const auto query = http::parse_query(raw_query);
  if (!query) return 0;  // Refused before it costs anything.
  std::int64_t cost = 0;
  if (query->find("count") == "true") cost += list_cost;
  if (const auto text = query->find("expand"); text && !text->empty()) {
    cost += list_cost * (1 + std::count(text->begin(), text->end(), ','));
  }
  return cost;
}

std::vector<std::pair<std::string, std::string>> shape_parameters(
    const answer_shape& shape, const std::vector<std::string>& expandable) {
  std::vector<std::pair<std::string, std::string>> list;
  if (shape.has == nullptr) return list;
  list.emplace_back(
      "fields", R"({"type":"array","items":{"type":"string"},"minItems":1,"maxItems":)" +
                    std::to_string(fields_max) + R"(,"description":"Only these fields)" +
                    (shape.is_list ? " of each row" : "") +
                    R"(; a dot leads into a field: name,price.amount. The others are left out, )"
                    R"(those too that are required without this parameter."})");
  if (!expandable.empty()) {
    list.emplace_back("expand", R"({"type":"array","items":{"type":"string","enum":)" +
                                    json::write(expandable) +
                                    R"(},"description":"Related resources to show with each."})");
  }
  if (shape.counts) {
    list.emplace_back("count",
                      R"({"type":"boolean","default":false,"description":"Show the number of all )"
                      R"(rows of the list as total."})");
  }
  return list;
}

}  // namespace stoa::front
