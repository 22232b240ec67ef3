#include "actors/notification/mail_template.hpp"

#include "storage/base/text.hpp"

// GCC 12 reports false null dereferences in the library's inlined vectors.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wnull-dereference"
#include <kainjow/mustache.hpp>
#pragma GCC diagnostic pop

#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <utility>

namespace stoa::notification {

namespace {

namespace mustache = kainjow::mustache;

// Rendering a template without partials and lambdas does not modify it, although the library does
// not declare it const: several threads may render one template concurrently.
class parsed_text {
 public:
  /// Throws std::invalid_argument for a malformed template.
  parsed_text(std::string source, bool escape)
      : kept_(std::make_unique<kept>(std::move(source), escape)) {
    mustache::mustache tried(kept_->source);
    if (!tried.is_valid()) throw std::invalid_argument(tried.error_message());
  }
  std::string render(const mustache::data& data) const {
    std::call_once(kept_->used, [this] { kept_->parse(); });
    return kept_->parsed->render(data);
  }

 private:
  /// Parsed at its first use: all templates together take 1.5 MB, and a store uses a few.
  struct kept {
    kept(std::string text, bool html) : source(std::move(text)), escape(html) {}
    void parse() {
      parsed.emplace(source);
      if (!escape) parsed->set_custom_escape([](const std::string& s) { return s; });
    }
    std::string source;
    bool escape;
    std::once_flag used{};
    std::optional<mustache::mustache> parsed{};
  };
  std::unique_ptr<kept> kept_;
};

}  // namespace

struct template_values::content {
  mustache::data data{};
};

template_values::template_values() : content_(std::make_unique<content>()) {}
template_values::~template_values() = default;
template_values::template_values(template_values&&) noexcept = default;
template_values& template_values::operator=(template_values&&) noexcept = default;

void template_values::set(const char* name, std::string_view value) {
  if (!value.empty()) content_->data.set(name, one_line(value));
}

void template_values::set_flag(const char* name) {
  content_->data.set(name, true);
}

void template_values::set_list(const char* name, std::vector<template_values> items) {
  mustache::list list;
  for (auto& i : items) list.push_back(std::move(i.content_->data));
  content_->data.set(name, mustache::data(list));
}

struct mail_template::parsed {
  parsed_text subject, text, html;
};

mail_template::mail_template(std::string language, const std::string& subject,
                             const std::string& text, const std::string& html, bool is_overridden)
    : language_(std::move(language)),
      is_overridden_(is_overridden),
      parsed_(std::make_unique<const parsed>(parsed{
          parsed_text(subject, false), parsed_text(text, false), parsed_text(html, true)})) {}
mail_template::~mail_template() = default;
mail_template::mail_template(mail_template&&) noexcept = default;
mail_template& mail_template::operator=(mail_template&&) noexcept = default;

rendered_mail mail_template::render(template_values values) const {
  values.set("language", language_);
  auto& data = values.content_->data;
  rendered_mail mail;
  mail.subject = one_line(parsed_->subject.render(data));
  values.set("subject", mail.subject);
  mail.text = parsed_->text.render(data);
  mail.html = parsed_->html.render(data);
  return mail;
}

struct short_template::parsed {
  parsed_text text;
};

short_template::short_template(std::string language, const std::string& text, bool is_overridden)
    : language_(std::move(language)),
      is_overridden_(is_overridden),
      parsed_(std::make_unique<const parsed>(parsed{parsed_text(text, false)})) {}
short_template::~short_template() = default;
short_template::short_template(short_template&&) noexcept = default;
short_template& short_template::operator=(short_template&&) noexcept = default;

std::string short_template::render(template_values values) const {
  values.set("language", language_);
  auto line = one_line(parsed_->text.render(values.content_->data));
  for (const std::string_view space : {"\xC2\xA0", "\xE2\x80\xAF"}) {  // U+00A0, U+202F
    for (auto at = line.find(space); at != line.npos; at = line.find(space, at + 1)) {
      line.replace(at, space.size(), " ");
    }
  }
  return text::trim(line);
}

std::string one_line(std::string_view value) {
  std::string out(value);
  for (char& c : out) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7F) c = ' ';
  }
  return out;
}

}  // namespace stoa::notification
