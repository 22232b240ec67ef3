#include "net/cli/notification_commands.hpp"

#include "actors/notification/notification_service.hpp"
#include "net/cli/commands.hpp"
#include "storage/base/locale_format.hpp"
#include "storage/base/service_clock.hpp"
#include "storage/base/utf8.hpp"

#include <cstdio>

namespace stoa::cli {

namespace {

using namespace stoa::notification;

notification_type channel_of(const std::string& name) {
  if (name == "sms") return notification_type::SMS;
  return name == "push" ? notification_type::Push : notification_type::Email;
}

void print(const rendered_view& made, bool html) {
  if (html) {
    std::printf("%s", made.html.c_str());
    return;
  }
  if (!made.subject.empty()) {
    std::printf("%s: %s\n\n", made.channel == notification_type::Push ? "Title" : "Subject",
                made.subject.c_str());
  }
  std::printf("%s%s", made.text.c_str(), made.text.ends_with('\n') ? "" : "\n");
  if (made.segments) std::printf("\nSegments: %lld\n", static_cast<long long>(*made.segments));
}

std::string joined(std::span<const std::string_view> names) {
  std::string all;
  for (const auto name : names) all.append(all.empty() ? "" : ", ").append(name);
  return all;
}

}  // namespace

int run_preview(const settings& s, const preview_options& o) {
  auto own = s;
  own.node.services = {"all"};  // The templates are read only where the service runs.
  const auto options = options_of(own);
  preview_template what{o.type, std::nullopt, {}, channel_of(o.channel)};
  if (!o.locale.empty()) what.language = text::canonical_language(o.locale);
  const auto made = preview_of(options, what, store_time().now());
  if (!made) {
    std::fprintf(stderr, "stoa: no %s is sent for the type \"%s\"\n", o.channel.c_str(),
                 printable(o.type).c_str());
    return exit_failed;
  }
  print(*made, o.html);
  return exit_done;
}

std::string preview_types() {
  return "email: " + joined(template_types()) + ".\nsms and push: " + joined(short_types()) + ".";
}

std::string check_locale(const std::string& tag) {
  return text::canonical_language(tag) ? ""
                                       : "\"" + tag + "\" is not a language tag, such as de-AT";
}

}  // namespace stoa::cli
