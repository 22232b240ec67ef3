// The command lines of `stoa check`, `stoa order` and `stoa dead-letters`.

#include "net/cli/check_repair.hpp"
#include "net/cli/repair_commands.hpp"
#include "net/cli/subcommand_parts.hpp"

namespace stoa::cli {

namespace {

constexpr std::int64_t shown_max = 5000;
constexpr std::int64_t overdue_s_max = 86'400;

void add_check(CLI::App& app, command_list& all) {
  auto o = std::make_shared<check_options>();
  auto repairs = std::make_shared<repair_choices>();
  auto* check = app.add_subcommand(
      "check",
      "Compare all books of the store: orders with payments and the gateway's records, stock with\n"
      "its ledger and reservations, notifications, events, partitions. Changes nothing. What "
      "looks\n"
      "wrong in a store that is in use is read again before it is reported.");
  check->add_flag("--json", o->json, "Print the report as JSON (docs/check.md)");
  check->add_option("--limit", o->shown_max, "Findings of one code that are listed")
      ->check(CLI::Range(std::int64_t{1}, shown_max))
      ->capture_default_str();
  check->add_option("--ignore", o->choices.ignored, "Leave out findings with this code");
  check
      ->add_option("--overdue-s", o->choices.overdue_s,
                   "Seconds after which an event that waits is a finding")
      ->check(CLI::Range(std::int64_t{1}, overdue_s_max))
      ->capture_default_str();
  auto* repair =
      check->add_flag("--repair", repairs->wanted,
                      "Have the server at --url repair what is safe: move orders that hang,\n"
                      "release what is reserved for orders that are not stored");
  auto* refunds =
      check->add_flag("--refunds", repairs->refunds,
                      "Also refund payments of orders that are not stored, and take back\n"
                      "what was sold to them");
  auto* dry_run = check->add_flag("--dry-run", repairs->dry_run, "List the repairs only");
  refunds->needs(repair);
  dry_run->needs(repair);
  add_server(*check, repairs->server, "--password-file");
  check->footer(
      "Exit code: 0 nothing was found, or all of it was repaired; 3 something was found; 1 the\n"
      "books cannot be read.\n\n"
      "The store is that of --data DIR (STOA_DATA_DIR, default ./stoa-data) or of --postgres-url;\n"
      "it may be served at the same time. `stoa --help` lists all settings.");
  all.push_back({check, [o, repairs](const settings& s) { return run_check(s, *o, *repairs); }});
}

void add_order(CLI::App& app, command_list& all) {
  auto o = std::make_shared<redrive_options>();
  auto* group = app.add_subcommand("order", "Manage orders");
  group->require_subcommand(1);
  auto* redrive = group->add_subcommand(
      "redrive",
      "Say why an order hangs, and move it by the normal rules: apply its dead letters, ask the\n"
      "gateway again, apply its last event where it is missing, cancel it when its time is up.");
  redrive->add_option("ORDER", o->order, "The order's id or number");
  redrive->add_flag("--all-stuck", o->all_stuck, "All orders that are Pending for too long");
  redrive->add_option("--older-than-s", o->older_than_s, "With --all-stuck: too long")
      ->check(CLI::Range(std::int64_t{0}, overdue_s_max))
      ->capture_default_str();
  redrive->add_option("--reason", o->reason, "Kept with the order");
  add_node(*redrive, o->server);
  redrive->footer("Exit code: 0, 3 when an order could not be moved, 1 without an answer.");
  all.push_back({redrive, [o](const settings&) { return run_order_redrive(*o); }});
}

void add_dead_letters(CLI::App& app, command_list& all) {
  auto o = std::make_shared<dead_letter_options>();
  auto* group = app.add_subcommand("dead-letters", "Manage events that a service could not apply");
  group->require_subcommand(1);
  struct word {
    letters_action action;
    const char* name;
    const char* help;
  };
  for (const auto& w :
       {word{letters_action::list, "list", "List dead letters, newest first."},
        word{letters_action::replay, "replay",
             "Apply dead letters again: all that fit, or the one of --event-id."},
        word{letters_action::discard, "discard",
             "Give up dead letters: all that fit the filters, of which one is\n"
             "required. They are kept in the table operator_action, with the reason;\n"
             "their events are not applied."}}) {
    auto* command = group->add_subcommand(w.name, w.help);
    auto* service = command->add_option("--service", o->service, "Of this service");
    if (w.action != letters_action::list) {
      command->add_option("--event-id", o->event_id, "This letter of --service")->needs(service);
    }
    command->add_option("--type", o->type, "Events of this type");
    command->add_option("--error", o->error, "Letters whose error holds this text");
    command->add_option("--mentions", o->mentions,
                        "Letters whose event holds this id, as an order's");
    command->add_option("--failed-before", o->failed_before,
                        "That failed last before this time (RFC 3339)");
    if (w.action == letters_action::list) {
      command->add_flag("--json", o->json, "Print what the server answers, one line a page");
    }
    if (w.action == letters_action::discard) {
      command->add_option("--reason", o->reason, "Why; kept with the letters")->required();
    }
    add_node(*command, o->server);
    command->footer("Exit code: 0, 3 when some letters stay, 1 without an answer.");
    all.push_back({command, [o, action = w.action](const settings&) {
                     return run_dead_letters(action, *o);
                   }});
  }
}

}  // namespace

command_list add_repair_commands(CLI::App& app) {
  command_list all;
  add_check(app, all);
  add_order(app, all);
  add_dead_letters(app, all);
  return all;
}

}  // namespace stoa::cli
