#include "actors/notification/template_check.hpp"

#include <algorithm>

namespace stoa::notification {

namespace {

constexpr std::size_t depth_max = 8;  // partials within partials
constexpr std::string_view tag_begin = "{{";
constexpr std::string_view tag_end = "}}";
constexpr std::string_view blanks = " \t\r\n";

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

class expander {
 public:
  expander(std::string_view type, std::string_view part, const partial_finder& partials,
           std::vector<std::string>& errors)
      : type_(type), part_(part), partials_(partials), errors_(errors) {}

  std::string expand(const template_source_text& file) {
    std::string out;
    const std::string_view text = file.content;
    const auto outer_sections = sections_.size();
    std::size_t at = 0;
    for (auto begin = text.find(tag_begin); begin != text.npos; begin = text.find(tag_begin, at)) {
      const auto end = text.find(tag_end, begin + tag_begin.size());
      const place here{
          file,
          1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(begin), '\n')};
      if (end == text.npos) {
        fail(here, "{{ without }}");
        return out;
      }
      out.append(text.substr(at, begin - at));
      at = end + tag_end.size();
      const auto tag = text.substr(begin + tag_begin.size(), end - begin - tag_begin.size());
      if (tag.starts_with('>')) {
        at = insert_partial(here, trimmed(tag.substr(1)), begin, at, out);
      } else if (check_tag(here, tag)) {
        out.append(text.substr(begin, at - begin));
      }
    }
    out.append(text.substr(at));
    while (sections_.size() > outer_sections) {
      fail({file, sections_.back().line}, "the section " + sections_.back().name + " has no end");
      sections_.pop_back();
    }
    return out;
  }

 private:
  struct place {
    const template_source_text& file;
    std::ptrdiff_t line;
  };
  struct section {
    std::string name;
    bool is_list = false;
    std::ptrdiff_t line = 0;
    std::size_t depth = 0;  ///< of the file that it begins in
  };

  void fail(const place& where, const std::string& what) {
    auto text = where.file.name + ":" + std::to_string(where.line) + ": " + what;
    // A partial is checked for each template that uses it.
    if (std::ranges::find(errors_, text) == errors_.end()) errors_.push_back(std::move(text));
  }

  /// Returns the position after the partial's tag, or after its line.
  std::size_t insert_partial(const place& here, std::string_view name, std::size_t begin,
                             std::size_t end, std::string& out) {
    const std::string_view text = here.file.content;
    const auto* partial = partials_(name);
    if (partial == nullptr) {
      fail(here, "there is no partial " + std::string(name) + ".mustache");
      return end;
    }
    if (depth_ == depth_max) {
      fail(here, "the partials are nested too deeply");
      return end;
    }
    ++depth_;
    auto content = expand(*partial);
    --depth_;
    const bool begins_line = begin == 0 || text[begin - 1] == '\n';
    const bool ends_line = end < text.size() && text[end] == '\n';
    if (begins_line && ends_line) {
      out += content;
      return end + 1;
    }
    if (content.ends_with('\n')) content.pop_back();
    out += content;
    return end;
  }

  /// False when the tag is omitted: a comment.
  bool check_tag(const place& here, std::string_view tag) {
    const char kind = tag.empty() ? ' ' : tag.front();
    if (kind == '!') return false;
    if (kind == '=') {
      fail(here, "other delimiters are not allowed");
    } else if (kind == '{' || kind == '&') {
      fail(here, "unescaped output is not allowed");
    } else if (kind == '#' || kind == '^') {
      begin_section(here, trimmed(tag.substr(1)), kind == '^');
    } else if (kind == '/') {
      end_section(here, trimmed(tag.substr(1)));
    } else {
      const auto name = trimmed(tag);
      const auto* variable = find(name);
      if (variable == nullptr) {
        fail(here, unknown(name));
      } else if (variable->kind != variable_kind::text) {
        fail(here, std::string(name) + " is not a text: it can only begin a section");
      }
    }
    return true;
  }

  void begin_section(const place& here, std::string_view name, bool is_inverted) {
    const auto* variable = find(name);
    if (variable == nullptr) fail(here, unknown(name));
    const bool is_list =
        variable != nullptr && variable->kind == variable_kind::list && !is_inverted;
    sections_.push_back({std::string(name), is_list, here.line, depth_});
  }

  void end_section(const place& here, std::string_view name) {
    if (sections_.empty() || sections_.back().depth != depth_) {
      fail(here, "the section " + std::string(name) + " does not begin in this file");
    } else if (sections_.back().name != name) {
      fail(here, "the section " + sections_.back().name + " ends as " + std::string(name));
      sections_.pop_back();
    } else {
      sections_.pop_back();
    }
  }

  /// In the innermost list, then in the notification.
  const template_variable* find(std::string_view name) const {
    const auto list = std::find_if(sections_.rbegin(), sections_.rend(),
                                   [](const section& s) { return s.is_list; });
    if (list != sections_.rend()) {
      if (const auto* found = find_variable(type_, part_, list->name, name)) return found;
    }
    return find_variable(type_, part_, {}, name);
  }

  std::string unknown(std::string_view name) const {
    return "notifications of the type " + std::string(type_) + " have no variable " +
           (name.empty() ? "without a name" : std::string(name)) + " here";
  }

  const std::string_view type_;
  const std::string_view part_;
  const partial_finder& partials_;
  std::vector<std::string>& errors_;
  std::vector<section> sections_;
  std::size_t depth_ = 0;
};

}  // namespace

std::string expand_template(const template_source_text& file, std::string_view type,
                            std::string_view part, const partial_finder& partials,
                            std::vector<std::string>& errors) {
  const auto errors_before = errors.size();
  auto expanded = expander(type, part, partials, errors).expand(file);
  if (errors.size() == errors_before && trimmed(expanded).empty()) {
    errors.push_back(file.name + ": the template is empty");
  }
  return expanded;
}

}  // namespace stoa::notification
