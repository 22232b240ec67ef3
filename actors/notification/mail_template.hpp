#pragma once
// A template of a type in one language, parsed.

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace stoa::notification {

/// Receives the values of a template's variables. Variables that are not set are absent.
class template_values {
 public:
  template_values();
  ~template_values();
  template_values(template_values&&) noexcept;
  template_values& operator=(template_values&&) noexcept;

  /// The value without control characters, which could otherwise inject lines. An empty one is
  /// absent.
  void set(const char* name, std::string_view value);
  void set_flag(const char* name);
  void set_list(const char* name, std::vector<template_values> items);

 private:
  friend class mail_template;
  friend class short_template;
  struct content;
  std::unique_ptr<content> content_;
};

/// A rendered mail. The subject is one line without control characters, whatever the values
/// contain.
struct rendered_mail {
  std::string subject;
  std::string text;
  std::string html;
};

/// Immutable; thread-safe.
class mail_template {
 public:
  /// Expanded templates (template_check.hpp). Throws std::invalid_argument for one that the library
  /// cannot parse.
  mail_template(std::string language, const std::string& subject, const std::string& text,
                const std::string& html, bool is_overridden);
  ~mail_template();
  mail_template(mail_template&&) noexcept;
  mail_template& operator=(mail_template&&) noexcept;

  const std::string& language() const { return language_; }
  bool is_overridden() const { return is_overridden_; }
  /// Values are escaped in the HTML only; they are never interpreted as templates.
  rendered_mail render(template_values values) const;

 private:
  struct parsed;
  std::string language_;
  bool is_overridden_ = false;
  std::unique_ptr<const parsed> parsed_;
};

/// A template of a text message or push message. Immutable; thread-safe.
class short_template {
 public:
  /// An expanded template. Throws std::invalid_argument for one that the library cannot parse.
  short_template(std::string language, const std::string& text, bool is_overridden);
  ~short_template();
  short_template(short_template&&) noexcept;
  short_template& operator=(short_template&&) noexcept;

  const std::string& language() const { return language_; }
  bool is_overridden() const { return is_overridden_; }
  /// One line. No-break spaces, as in amounts, become spaces: text messages that contain other
  /// characters than those of the GSM alphabet are more than twice as long.
  std::string render(template_values values) const;

 private:
  struct parsed;
  std::string language_;
  bool is_overridden_ = false;
  std::unique_ptr<const parsed> parsed_;
};

/// The value without control characters.
std::string one_line(std::string_view value);

}  // namespace stoa::notification
