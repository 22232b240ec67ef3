#include "tests/new_service/actors/note/note_service.hpp"

namespace stoa::note {

namespace {

void write(note_service::decision& d, stoa::order_id id, const std::string& text) {
  auto& all = d.of<note_row>();
  auto& note = all.find(id) ? all.edit(id) : all.insert({id, {}, 0});
  note.text = text;
  d.emit(id, note_written{id});
}

}  // namespace

void note_service::needs(const write_note& m, need_list& list, const records&) const {
  list.add<&note_row::order_id>(m.order_id);
}

result<note_view> note_service::decide(const write_note& m, decision& d) const {
  write(d, m.order_id, m.text);
  return note_view{m.order_id, m.text};
}

void note_service::needs(const order::order_placed& e, need_list& list, const records&) const {
  list.add<&note_row::order_id>(e.order.order_id);
}

kernel::applied note_service::decide(const order::order_placed& e, decision& d) const {
  write(d, e.order.order_id, options_.first_text);
  return std::nullopt;
}

result<note_view> note_service::read(const get_note& q, const kernel::call_context&,
                                     db::connection& c) const {
  static const db::sql by_id{"note by order", "SELECT text FROM notes WHERE order_id=$1"};
  std::optional<note_view> found;
  c.query({&by_id, db::params(q.order_id)}, [&](db::row r) {
    found = note_view{q.order_id, std::get<std::string>(r[0])};
  });
  if (!found) return not_found("note");
  return *found;
}

}  // namespace stoa::note
