#pragma once
// Shared by the files of the Pricing service.

#include "actors/pricing/pricing_service.hpp"

namespace stoa::pricing {

/// Tells the nodes that the rules have changed. The decision needs the rule_revision_row.
void count_change(pricing_service::decision& d);
void need_revision(pricing_service::need_list& list);
/// Keeps the action of staff in the table operator_action; `content` is JSON.
void note(pricing_service::decision& d, std::string action, const uuid& id, std::string content);

/// Whether no order may use the promotion any more.
inline bool is_used_up(const promotion_terms& t, std::int64_t uses) {
  return t.uses_max && uses >= *t.uses_max;
}

}  // namespace stoa::pricing
