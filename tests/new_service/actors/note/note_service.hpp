#pragma once
// The Note service of functional/new_service_test: exactly the steps that ARCHITECTURE.md lists for
// adding a service.

#include "actors/kernel/decision.hpp"
#include "actors/kernel/service_definition.hpp"
#include "actors/order/order_events.hpp"
#include "tests/new_service/storage/note/note.hpp"

namespace stoa {
struct settings;
}

namespace stoa::note {

struct note_view {
  stoa::order_id order_id;
  std::string text;
};
BOOST_DESCRIBE_STRUCT(note_view, (), (order_id, text))

/// Writes the note of an order, or replaces it.
struct write_note {
  static constexpr std::string_view name = "note.write";
  using reply = note_view;
  stoa::order_id order_id;
  std::string text;
};
BOOST_DESCRIBE_STRUCT(write_note, (), (order_id, text))

struct get_note {
  static constexpr std::string_view name = "note.get";
  using reply = note_view;
  stoa::order_id order_id;
};
BOOST_DESCRIBE_STRUCT(get_note, (), (order_id))

struct note_written {
  static constexpr std::string_view name = "note.written";
  static constexpr std::string_view summary = "A note was written.";
  stoa::order_id order_id;
};
BOOST_DESCRIBE_STRUCT(note_written, (), (order_id))

struct note_options {
  std::string first_text;
};

class note_service {
 public:
  static constexpr std::string_view name = "note";
  using records = note_records;
  using commands = boost::mp11::mp_list<write_note>;
  using subscriptions = boost::mp11::mp_list<order::order_placed>;
  using events = boost::mp11::mp_list<note_written>;
  using queries = boost::mp11::mp_list<get_note>;
  using need_list = db::need_list<records>;
  using decision = kernel::decision<records>;

  explicit note_service(note_options options) : options_(std::move(options)) {}

  void needs(const write_note& m, need_list& list, const records&) const;
  result<note_view> decide(const write_note&, decision&) const;
  void needs(const order::order_placed& e, need_list& list, const records&) const;
  kernel::applied decide(const order::order_placed&, decision&) const;
  result<note_view> read(const get_note&, const kernel::call_context&, db::connection&) const;
  kernel::due_work due(db::connection&, timestamp, bool) const { return {}; }

 private:
  note_options options_;
};

/// The options from the settings.
note_options options_of(const settings& all);
kernel::service_definition definition_of(const note_service& service);

}  // namespace stoa::note
