// The command lines of `stoa check`, `stoa order`, `stoa payments` and `stoa dead-letters`.

#include "net/cli/check_repair.hpp"
#include "net/cli/payment_commands.hpp"
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
      "Cross-check all records of the store: orders with payments and the gateway's ledger, stock\n"
      "with its ledger and reservations, notifications, events, partitions. Changes nothing. In a\n"
      "store that is in use, suspicious entries are read again before they are reported.");
  check->add_flag("--json", o->json, "Print the report as JSON (docs/check.md)");
  check->add_option("--limit", o->shown_max, "Maximum number of listed findings per code")
      ->check(CLI::Range(std::int64_t{1}, shown_max))
      ->capture_default_str();
  check->add_option("--ignore", o->choices.ignored, "Exclude findings with this code");
  check
      ->add_option("--overdue-s", o->choices.overdue_s,
                   "Seconds after which an undelivered event is a finding")
      ->check(CLI::Range(std::int64_t{1}, overdue_s_max))
      ->capture_default_str();
  auto* repair = check->add_flag(
      "--repair", repairs->wanted,
      "Have the server at --url perform safe repairs: advance orders that are stuck, release\n"
      "reservations of orders that are not stored");
  auto* refunds =
      check->add_flag("--refunds", repairs->refunds,
                      "Also refund payments of orders that are not stored, and restock\n"
                      "units that were sold to them");
  auto* dry_run = check->add_flag("--dry-run", repairs->dry_run, "Only list the repairs");
  refunds->needs(repair);
  dry_run->needs(repair);
  add_server(*check, repairs->server, "--password-file");
  check->footer(
      "Exit code: 0 no findings, or all were repaired; 3 findings; 1 the databases cannot be\n"
      "read.\n\n"
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
      "Report why an order is stuck, and advance it by the normal rules: apply its dead letters,\n"
      "query the gateway again, apply its last event where it is missing, cancel it if overdue.");
  redrive->add_option("ORDER", o->order, "The order's id or number");
  redrive->add_flag("--all-stuck", o->all_stuck, "All orders that have been Pending for too long");
  redrive->add_option("--older-than-s", o->older_than_s, "With --all-stuck: minimum age in seconds")
      ->check(CLI::Range(std::int64_t{0}, overdue_s_max))
      ->capture_default_str();
  redrive->add_option("--reason", o->reason, "Stored with the order");
  add_node(*redrive, o->server);
  redrive->footer("Exit code: 0, 3 when an order could not be advanced, 1 on a failed request.");
  all.push_back({redrive, [o](const settings&) { return run_order_redrive(*o); }});
}

void add_payments(CLI::App& app, command_list& all) {
  auto o = std::make_shared<reconcile_options>();
  auto* group = app.add_subcommand("payments", "Compare payments with the gateway");
  group->require_subcommand(1);
  auto* reconcile = group->add_subcommand(
      "reconcile",
      "Compare the payments and refunds of a period of at most 31 days with the gateway's records\n"
      "(docs/gateways.md).");
  reconcile->add_option("--from", o->from, "Beginning of the period (RFC 3339)")->required();
  reconcile->add_option("--to", o->to, "End of the period, exclusive (RFC 3339)")->required();
  reconcile->add_option("--gateway", o->gateway, "Gateway; that of new payments by default");
  reconcile->add_flag("--json", o->json, "Print the server's response");
  add_node(*reconcile, o->server);
  reconcile->footer("Exit code: 0, 3 when there are differences, 1 on a failed request.");
  all.push_back({reconcile, [o](const settings&) { return run_reconcile(*o); }});
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
  for (const auto& w : {word{letters_action::list, "list", "List dead letters, newest first."},
                        word{letters_action::replay, "replay",
                             "Apply dead letters again: all that match, or the one of --event-id."},
                        word{letters_action::discard, "discard",
                             "Discard dead letters: all that match the filters, of which at least\n"
                             "one is required. The letters are kept in the table operator_action,\n"
                             "with the reason; their events are not applied."}}) {
    auto* command = group->add_subcommand(w.name, w.help);
    auto* service = command->add_option("--service", o->service, "Letters of this service");
    if (w.action != letters_action::list) {
      command->add_option("--event-id", o->event_id, "This letter of --service")->needs(service);
    }
    command->add_option("--type", o->type, "Events of this type");
    command->add_option("--error", o->error, "Letters whose error contains this text");
    command->add_option("--mentions", o->mentions,
                        "Letters whose event contains this id, for example an order's");
    command->add_option("--failed-before", o->failed_before,
                        "Letters whose last failure was before this time (RFC 3339)");
    if (w.action == letters_action::list) {
      command->add_flag("--json", o->json, "Print the server's responses, one line per page");
    }
    if (w.action == letters_action::discard) {
      command->add_option("--reason", o->reason, "Reason; stored with the letters")->required();
    }
    add_node(*command, o->server);
    command->footer("Exit code: 0, 3 when some letters failed, 1 on a failed request.");
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
  add_payments(app, all);
  add_dead_letters(app, all);
  return all;
}

}  // namespace stoa::cli
