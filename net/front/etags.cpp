#include "net/front/etags.hpp"

#include "storage/base/text.hpp"

#include <algorithm>

namespace stoa::front {

namespace {

/// Separates the tag of a representation from the name of its coding; tags of this server never
/// contain it.
constexpr char coding_mark = '+';

/// The tag without the coding of a compressed representation. Other suffixes belong to the tag.
std::string_view without_coding(std::string_view opaque) {
  const auto at = opaque.find(coding_mark);
  if (at == opaque.npos) return opaque;
  const auto coding = opaque.substr(at + 1);
  return coding == "gzip" || coding == "zstd" ? opaque.substr(0, at) : opaque;
}

/// RFC 9110, section 8.8.3: etagc.
bool is_opaque(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte == 0x21 || (byte >= 0x23 && byte != 0x7F);
  });
}

std::optional<entity_tag_field> parse_tag(std::string_view text) {
  entity_tag_field tag;
  tag.weak = text.starts_with("W/");
  if (tag.weak) text.remove_prefix(2);
  if (text.size() < 2 || text.front() != '"' || text.back() != '"') return std::nullopt;
  text = text.substr(1, text.size() - 2);
  if (!is_opaque(text)) return std::nullopt;
  tag.opaque = without_coding(text);
  tag.written = quoted_tag(text);
  return tag;
}

}  // namespace

bool tag_list::matches_strongly(std::string_view opaque) const {
  return any || std::any_of(tags.begin(), tags.end(), [&](const entity_tag_field& t) {
           return !t.weak && t.opaque == opaque;
         });
}

std::optional<std::string> tag_list::named(std::string_view opaque, const std::string& etag) const {
  if (any) return etag;
  for (const auto& t : tags) {
    if (t.opaque == opaque) return t.written;
  }
  return std::nullopt;
}

std::optional<tag_list> parse_tags(std::string_view value) {
  tag_list list;
  if (text::trim_blanks(value) == "*") {
    list.any = true;
    return list;
  }
  // Opaque tags have no escapes: a backslash is an ordinary character.
  for (std::size_t at = 0; at < value.size();) {
    const auto begin = value.find_first_not_of(" \t,", at);
    if (begin == value.npos) break;
    const auto open = value.find('"', begin);
    const auto close = open == value.npos ? open : value.find('"', open + 1);
    if (close == value.npos) return std::nullopt;
    auto tag = parse_tag(value.substr(begin, close + 1 - begin));
    const auto next = value.find_first_not_of(" \t", close + 1);
    if (!tag || (next != value.npos && value[next] != ',')) return std::nullopt;
    list.tags.push_back(std::move(*tag));
    at = next == value.npos ? value.size() : next;
  }
  if (list.tags.empty()) return std::nullopt;
  return list;
}

std::string quoted_tag(std::string_view opaque) {
  return '"' + std::string(opaque) + '"';
}

std::string coded_tag(std::string_view etag, std::string_view coding) {
  auto coded = std::string(etag.substr(0, etag.size() - 1));
  coded += coding_mark;
  return coded.append(coding) + '"';
}

}  // namespace stoa::front
