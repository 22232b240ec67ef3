#pragma once
// The templates of all types and languages: the compiled-in ones, overridden by the files of a
// folder.

#include "actors/notification/mail_template.hpp"

#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace stoa::notification {

/// Immutable; thread-safe.
class template_library {
 public:
  /// Reads the files of the folder; empty: only the compiled-in templates. Errors are appended
  /// ("FILE:LINE: what"), and the library is then not usable.
  template_library(const std::string& folder, std::vector<std::string>& errors);
  ~template_library();
  template_library(const template_library&) = delete;
  template_library& operator=(const template_library&) = delete;

  /// The template of the type in the first of the languages that has one (de-AT, de), then in
  /// English. Throws std::logic_error for an unknown type.
  const mail_template& find(std::string_view type, const std::vector<std::string>& languages) const;
  /// The same for text messages and push messages.
  const short_template& find_short(std::string_view type,
                                   const std::vector<std::string>& languages) const;

  /// A language that has a template, and whether it uses a file of the folder.
  struct translation {
    std::string tag;
    bool is_overridden = false;
  };
  std::vector<translation> languages_of(std::string_view type) const;
  std::vector<translation> short_languages_of(std::string_view type) const;

 private:
  template <class Template>
  using templates =
      std::map<std::string, std::map<std::string, Template, std::less<>>, std::less<>>;

  template <class Template>
  static const Template& find_in(const templates<Template>& all, std::string_view type,
                                 const std::vector<std::string>& languages);
  template <class Template>
  static std::vector<translation> languages_in(const templates<Template>& all,
                                               std::string_view type);

  templates<mail_template> types_;
  templates<short_template> short_types_;
};

/// The library in use. Thread-safe.
class template_source {
 public:
  /// Throws std::runtime_error with all errors of the folder's files.
  explicit template_source(std::string folder = {});

  std::shared_ptr<const template_library> current() const { return current_.load(); }
  /// Reads the folder again. With errors, which are returned, the library is kept.
  std::vector<std::string> reload();

 private:
  const std::string folder_;
  std::atomic<std::shared_ptr<const template_library>> current_;
};

}  // namespace stoa::notification
