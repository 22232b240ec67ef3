#include "storage/kernel/operator_action.hpp"

namespace stoa::kernel {

namespace {

const db::sql insert_action{"insert operator action",
                            "INSERT INTO operator_action(action_id,acted_at,actor,action,reason," +
                                db::column_list<dead_letter_row>() +
                                ") VALUES($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16)"};

}  // namespace

db::statement note_action(const operator_action& a) {
  auto values = db::params(a.action_id, a.acted_at, a.actor, a.action, a.reason);
  db::write_record(a.event, values);
  return {&insert_action, std::move(values)};
}

}  // namespace stoa::kernel
