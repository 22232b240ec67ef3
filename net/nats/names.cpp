#include "net/nats/names.hpp"

#include <algorithm>

namespace stoa::nats {

namespace {

/// Dots separate the tokens of a subject, so none may occur within a token.
std::string one_word(std::string_view text) {
  std::string word(text);
  std::replace(word.begin(), word.end(), '.', '_');
  return word;
}

std::string join(std::string_view first, std::string_view second, std::string_view third) {
  return std::string(first).append(".").append(second).append(".").append(third);
}

}  // namespace

std::string event_word(std::string_view source, std::string_view type) {
  const bool own =
      type.size() > source.size() + 1 && type.starts_with(source) && type[source.size()] == '.';
  return one_word(own ? type.substr(source.size() + 1) : type);
}

std::string subject_of(std::string_view stream, std::string_view source, std::string_view type) {
  return join(stream, source, event_word(source, type));
}

std::string all_subjects(std::string_view stream) {
  return join(stream, "*", "*");
}

std::string consumer_name(std::string_view subscriber, std::string_view type) {
  return std::string(subscriber).append("_").append(one_word(type));
}

std::string verdict_subject(std::string_view stream, std::string_view source,
                            std::int64_t partition) {
  return join(std::string(stream) + "_verdict", source, std::to_string(partition));
}

std::string all_verdicts(std::string_view stream, std::string_view source) {
  return join(std::string(stream) + "_verdict", source, "*");
}

std::string source_uri(std::string_view stream, std::string_view source) {
  return std::string("/").append(stream).append("/").append(source);
}

}  // namespace stoa::nats
