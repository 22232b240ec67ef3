#include "actors/notification/template_library.hpp"

#include "actors/notification/template_check.hpp"
#include "actors/notification/template_files.hpp"
#include "storage/base/locale_format.hpp"
#include "storage/base/text.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <set>
#include <stdexcept>
#include <system_error>

namespace stoa::notification {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t file_bytes_max = 64 * std::size_t{1024};
constexpr std::size_t files_max = 2000;
constexpr std::string_view suffix = ".mustache";
constexpr std::string_view last_language = "en";
constexpr std::array<std::string_view, 3> parts{"subject", "text", "html"};

/// The files of one language by name, without the suffix.
struct language_files {
  std::map<std::string, template_source_text, std::less<>> files;
  std::set<std::string, std::less<>> overridden;
  std::set<std::string, std::less<>> used;
};
using files_by_language = std::map<std::string, language_files, std::less<>>;

/// "TYPE.PART", or "_NAME" for a partial.
bool is_known_name(std::string_view name) {
  if (name.starts_with('_')) {
    return name.size() > 1 && std::ranges::all_of(name, [](char c) {
             return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
           });
  }
  const auto dot = name.find('.');
  if (dot == name.npos) return false;
  const auto part = name.substr(dot + 1);
  const auto types = part == short_part ? short_types() : template_types();
  return (part == short_part || std::ranges::find(parts, part) != parts.end()) &&
         std::ranges::find(types, name.substr(0, dot)) != types.end();
}

void add_built_in(files_by_language& all) {
  for (const auto& f : built_in_templates()) {
    const auto slash = f.name.find('/');
    const auto name = f.name.substr(slash + 1, f.name.size() - slash - 1 - suffix.size());
    all[std::string(f.name.substr(0, slash))].files[std::string(name)] = {
        "built-in " + std::string(f.name), std::string(f.content)};
  }
}

class folder_reader {
 public:
  folder_reader(files_by_language& all, std::vector<std::string>& errors)
      : all_(all), errors_(errors) {}

  void read(const fs::path& folder) {
    std::error_code error;
    if (!fs::is_directory(folder, error)) {
      fail(folder, "notification.templates_dir must name a folder");
      return;
    }
    for (const auto& language : entries_of(folder)) {
      const auto tag = language.filename().string();
      if (!fs::is_directory(language)) {
        fail(language, "this must be a folder that is named after a language, such as de");
      } else if (text::canonical_language(tag) != tag) {
        fail(language, "the name of the folder is not a language tag, such as de or de-AT");
      } else {
        for (const auto& file : entries_of(language)) read_file(file, all_[tag]);
      }
    }
  }

 private:
  void fail(const fs::path& where, const std::string& what) {
    errors_.push_back(where.string() + ": " + what);
  }

  /// Sorted, without hidden files.
  std::vector<fs::path> entries_of(const fs::path& folder) {
    std::vector<fs::path> found;
    std::error_code error;
    for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
      if (!at->path().filename().string().starts_with('.')) found.push_back(at->path());
      if (found.size() > files_max) {
        fail(folder, "it contains too many files");
        return {};
      }
    }
    if (error) fail(folder, error.message());
    std::ranges::sort(found);
    return found;
  }

  void read_file(const fs::path& file, language_files& into) {
    const auto full = file.filename().string();
    const auto name = full.ends_with(suffix) ? full.substr(0, full.size() - suffix.size()) : "";
    if (!is_known_name(name)) {
      return fail(file,
                  "no template has this name; templates are TYPE.PART.mustache with the PART "
                  "subject, text or html, or short for text messages and push messages, partials "
                  "_NAME.mustache");
    }
    // Opening a named pipe would wait for a writer.
    std::error_code error;
    if (!fs::is_regular_file(file, error)) return fail(file, "this must be a regular file");
    std::string content(file_bytes_max + 1, '\0');
    std::ifstream in(file, std::ios::binary);
    in.read(content.data(), static_cast<std::streamsize>(content.size()));
    content.resize(static_cast<std::size_t>(std::max<std::streamsize>(in.gcount(), 0)));
    if (!in.eof()) return fail(file, in.bad() || !in ? "it cannot be read" : "it is too long");
    if (!text::is_utf8(content)) return fail(file, "it is not UTF-8");
    std::erase(content, '\r');
    into.files[name] = {file.string(), std::move(content)};
    into.overridden.insert(name);
  }

  files_by_language& all_;
  std::vector<std::string>& errors_;
};

/// The partial of the language, of a less specific one, or of the default language.
const template_source_text* find_partial(files_by_language& all,
                                         const std::vector<std::string>& chain,
                                         std::string_view name, bool& is_overridden) {
  for (const auto& language : chain) {
    const auto of_language = all.find(language);
    if (of_language == all.end()) continue;
    auto& files = of_language->second;
    const auto found = files.files.find(name);
    if (found == files.files.end() || !name.starts_with('_')) continue;
    files.used.insert(found->first);
    is_overridden = is_overridden || files.overridden.contains(found->first);
    return &found->second;
  }
  return nullptr;
}

/// The template of a type in a language; empty when it has no files or errors.
std::optional<mail_template> assemble(files_by_language& all, const std::string& language,
                                      const std::vector<std::string>& chain, std::string_view type,
                                      const std::string& folder, std::vector<std::string>& errors) {
  const auto& files = all.at(language);
  bool is_overridden = false;
  const auto partials = [&](std::string_view name) {
    return find_partial(all, chain, name, is_overridden);
  };
  std::array<std::string, parts.size()> expanded;
  std::string missing;
  std::size_t found = 0;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const auto name = std::string(type) + "." + std::string(parts.at(i));
    const auto file = files.files.find(name);
    if (file == files.files.end()) {
      missing = name;
      continue;
    }
    ++found;
    is_overridden = is_overridden || files.overridden.contains(name);
    expanded.at(i) = expand_template(file->second, type, parts.at(i), partials, errors);
  }
  if (found > 0 && found < parts.size()) {
    errors.push_back((fs::path(folder) / language / missing).string() + std::string(suffix) +
                     ": it is missing, although the type has other files in this language");
  }
  if (found < parts.size() || !errors.empty()) return std::nullopt;
  if (expanded[0].ends_with('\n')) expanded[0].pop_back();
  return mail_template(language, expanded[0], expanded[1], expanded[2], is_overridden);
}

/// The text of a type's short messages; empty when it has no file or errors.
std::optional<short_template> assemble_short(files_by_language& all, const std::string& language,
                                             const std::vector<std::string>& chain,
                                             std::string_view type,
                                             std::vector<std::string>& errors) {
  const auto& files = all.at(language);
  const auto name = std::string(type) + "." + std::string(short_part);
  const auto file = files.files.find(name);
  if (file == files.files.end()) return std::nullopt;
  bool is_overridden = files.overridden.contains(name);
  const auto partials = [&](std::string_view wanted) {
    return find_partial(all, chain, wanted, is_overridden);
  };
  const auto expanded = expand_template(file->second, type, short_part, partials, errors);
  if (!errors.empty()) return std::nullopt;
  return short_template(language, expanded, is_overridden);
}

}  // namespace

template_library::template_library(const std::string& folder, std::vector<std::string>& errors) {
  files_by_language all;
  add_built_in(all);
  if (!folder.empty()) folder_reader(all, errors).read(folder);
  for (auto& [language, files] : all) {
    auto chain = text::language_chain(language);
    chain.emplace_back(last_language);
    for (const auto type : template_types()) {
      auto made = assemble(all, language, chain, type, folder, errors);
      if (made) types_[std::string(type)].emplace(language, std::move(*made));
    }
    for (const auto type : short_types()) {
      auto made = assemble_short(all, language, chain, type, errors);
      if (made) short_types_[std::string(type)].emplace(language, std::move(*made));
    }
  }
  for (const auto& [language, files] : all) {
    for (const auto& name : files.overridden) {
      if (name.starts_with('_') && !files.used.contains(name)) {
        errors.push_back(files.files.at(name).name + ": no template uses this partial");
      }
    }
  }
}

template_library::~template_library() = default;

template <class Template>
const Template& template_library::find_in(const templates<Template>& all, std::string_view type,
                                          const std::vector<std::string>& languages) {
  const auto of_type = all.find(type);
  if (of_type == all.end()) throw std::logic_error("no templates of this type");
  for (const auto& language : languages) {
    const auto found = of_type->second.find(language);
    if (found != of_type->second.end()) return found->second;
  }
  return of_type->second.find(last_language)->second;
}

template <class Template>
std::vector<template_library::translation> template_library::languages_in(
    const templates<Template>& all, std::string_view type) {
  std::vector<translation> found;
  if (const auto of_type = all.find(type); of_type != all.end()) {
    for (const auto& [tag, one] : of_type->second) found.push_back({tag, one.is_overridden()});
  }
  return found;
}

const mail_template& template_library::find(std::string_view type,
                                            const std::vector<std::string>& languages) const {
  return find_in(types_, type, languages);
}

const short_template& template_library::find_short(
    std::string_view type, const std::vector<std::string>& languages) const {
  return find_in(short_types_, type, languages);
}

std::vector<template_library::translation> template_library::languages_of(
    std::string_view type) const {
  return languages_in(types_, type);
}

std::vector<template_library::translation> template_library::short_languages_of(
    std::string_view type) const {
  return languages_in(short_types_, type);
}

template_source::template_source(std::string folder) : folder_(std::move(folder)) {
  const auto errors = reload();
  if (errors.empty()) return;
  std::string all = "the templates of the notifications are not valid";
  for (const auto& e : errors) all += "\n" + e;
  throw std::runtime_error(all);
}

std::vector<std::string> template_source::reload() {
  std::vector<std::string> errors;
  auto library = std::make_shared<const template_library>(folder_, errors);
  if (errors.empty()) current_.store(std::move(library));
  return errors;
}

}  // namespace stoa::notification
