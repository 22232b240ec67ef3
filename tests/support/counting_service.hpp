#pragma once
// A subscriber of the toy service: counts its events once each, and checks their order.

#include "tests/support/toy_service.hpp"

namespace stoa::test {

class counting_service {
 public:
  static constexpr std::string_view name = "counting";
  using records = toy_records;
  using commands = boost::mp11::mp_list<>;
  using subscriptions = boost::mp11::mp_list<counted>;
  using queries = boost::mp11::mp_list<get_count>;

  void needs(const counted& e, db::need_list<records>& list, const records&) const {
    list.add<&counter_row::counter_id>(e.id);
  }
  kernel::applied decide(const counted& e, kernel::decision<records>& d) const {
    auto& all = d.of<counter_row>();
    auto& c = all.find(e.id) ? all.edit(e.id) : all.insert({e.id, e.id.str(), 0, 0});
    // Events of one counter arrive in order: each has the next number.
    if (e.n != c.n + 1)
      return problem{problem_kind::internal, "out_of_order", std::to_string(e.n), {}};
    c.n = e.n;
    return std::nullopt;
  }
  result<count_view> read(const get_count& q, const kernel::call_context& context,
                          db::connection& c) const {
    return toy_service{}.read(q, context, c);
  }
  kernel::due_work due(db::connection&, timestamp, bool) const { return {}; }
};

}  // namespace stoa::test
