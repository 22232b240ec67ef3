// The command line of `stoa notifications`.

#include "net/cli/notification_commands.hpp"
#include "net/cli/subcommand_parts.hpp"

#include <memory>

namespace stoa::cli {

command_list add_notification_commands(CLI::App& app) {
  auto o = std::make_shared<preview_options>();
  auto* group = app.add_subcommand("notifications", "Check the templates of notifications");
  group->require_subcommand(1);
  auto* preview = group->add_subcommand(
      "preview",
      "Render a template of --notification-templates-dir, or a built-in one, with sample values.\n"
      "All templates are checked. Sends nothing, and needs no server.");
  preview->add_option("TYPE", o->type, "Type of the notification")->required();
  preview->add_option("--locale", o->locale, "Language of the customer, such as de-AT")
      ->check(check_locale);
  preview->add_option("--channel", o->channel, "Channel of the message")
      ->check(CLI::IsMember({"email", "sms", "push"}))
      ->capture_default_str();
  preview->add_flag("--html", o->html, "Print the HTML of the email instead of the text");
  preview->footer("Types of " + preview_types() +
                  "\n\nExit code: 0, or 1 for an invalid template or a type without the channel.");
  return {{preview, [o](const settings& s) { return run_preview(s, *o); }}};
}

}  // namespace stoa::cli
