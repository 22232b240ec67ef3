#include "actors/pricing/pricing_service.hpp"

#include "actors/kernel/entity_tag.hpp"
#include "actors/pricing/pricing_parts.hpp"
#include "actors/pricing/promotion_rules.hpp"
#include "actors/pricing/stored_terms.hpp"
#include "storage/base/backoff.hpp"
#include "storage/base/text.hpp"
#include "storage/kernel/operator_action.hpp"
#include "storage/pricing/pricing_store.hpp"

#include <algorithm>
#include <map>

namespace stoa::pricing {

namespace {

constexpr std::size_t sweep_max = 256;
/// Deleted price lists of which a sweep removes some prices.
constexpr std::size_t lists_at_once = 8;

promotion_view view_of(const promotion_row& p, std::int64_t uses) {
  const auto& t = p.terms;
  return {p.promotion_id,
          p.status,
          t.name,
          t.description,
          t.trigger,
          t.starts_at,
          t.ends_at,
          t.priority,
          t.combines_with,
          t.conditions,
          t.discount,
          t.uses_max,
          t.uses_per_customer_max,
          uses,
          p.created_at,
          p.updated_at};
}

code_view view_of(const code_row& c) {
  return {c.code, c.promotion_id, c.uses_max, c.uses, c.created_at};
}

std::int64_t uses_of(pricing_service::decision& d, stoa::promotion_id id) {
  const auto* uses = d.of<promotion_use_row>().find(id);
  return uses ? uses->uses : 0;
}

/// The revision of the records, changed by the settings: nodes with other settings than before must
/// learn them.
stoa::revision_id revision_of(db::connection& c, const pricing_options& o) {
  auto revision = read_revision(c);
  auto settings = std::string(o.prices_include_tax ? "included" : "added") +
                  (o.rounds_per_order ? ",order" : ",line");
  for (const auto& group : o.tax_exempt_groups) settings += "," + group;
  const auto hash = text::short_hash(settings);
  for (std::size_t i = 0; i < revision.value.bytes.size(); ++i) {
    revision.value.bytes[i] ^= static_cast<std::uint8_t>(hash[i]);
  }
  return revision;
}

template <class T>
void assign(T& member, const std::optional<T>& change) {
  if (change) member = *change;
}
template <class T>
void assign(std::optional<T>& member, const patch<T>& change) {
  if (change.present) member = change.value;
}

promotion_terms changed(promotion_terms t, const promotion_change& c) {
  assign(t.name, c.name);
  assign(t.description, c.description);
  assign(t.starts_at, c.starts_at);
  assign(t.ends_at, c.ends_at);
  assign(t.priority, c.priority);
  assign(t.combines_with, c.combines_with);
  assign(t.conditions, c.conditions);
  assign(t.discount, c.discount);
  assign(t.uses_max, c.uses_max);
  assign(t.uses_per_customer_max, c.uses_per_customer_max);
  return t;
}

}  // namespace

void note(pricing_service::decision& d, std::string action, const uuid& id, std::string content) {
  kernel::operator_action a;
  a.action_id = d.new_id<stoa::log_id>().value;
  a.acted_at = d.now;
  a.actor = d.context.who.str();
  a.action = std::move(action);
  a.event.event_id = {a.action_id};
  a.event.aggregate_id = id;
  a.event.payload = std::move(content);
  a.event.created_at = a.event.failed_at = d.now;
  d.statements.push_back(kernel::note_action(a));
}

void need_revision(pricing_service::need_list& list) {
  list.add<&rule_revision_row::list>(std::int64_t{0});
}

void count_change(pricing_service::decision& d) {
  auto& all = d.of<rule_revision_row>();
  auto& row = all.find(std::int64_t{0}) ? all.edit(std::int64_t{0}) : all.insert({});
  row.revision = d.new_secret_id<stoa::revision_id>();
}

void pricing_service::needs(const create_promotion&, need_list& list, const records&) const {
  list.add<&promotion_row::list>(std::int64_t{0});
  need_revision(list);
}

result<promotion_view> pricing_service::decide(const create_promotion& m, decision& d) const {
  if (auto bad = check_terms(m.terms); !bad.empty()) return invalid(std::move(bad));
  auto& all = d.of<promotion_row>();
  if (all.where<&promotion_row::list>(0).size() >= promotions_max) {
    return conflict("too_many_promotions", "A store has at most " + std::to_string(promotions_max) +
                                               " promotions. Delete those that were not used.");
  }
  const auto& made = all.insert(
      {m.promotion_id, 0, promotion_status::Active, as_stored(m.terms), d.now, d.now, 0});
  d.of<promotion_use_row>().insert({m.promotion_id, 0, 0, 0});
  count_change(d);
  auto view = view_of(made, 0);
  note(d, "promotion_created", m.promotion_id.value, json::write(view));
  return view;
}

void pricing_service::needs(const change_promotion& m, need_list& list, const records&) const {
  list.add<&promotion_row::promotion_id>(m.promotion_id);
  list.add<&promotion_use_row::promotion_id>(m.promotion_id);
  need_revision(list);
}

result<promotion_view> pricing_service::decide(const change_promotion& m, decision& d) const {
  const auto* found = d.of<promotion_row>().find(m.promotion_id);
  if (!found) return not_found("promotion");
  const auto uses = uses_of(d, m.promotion_id);
  if (auto bad =
          kernel::check_precondition(m.precondition, [&] { return view_of(*found, uses); })) {
    return std::move(*bad);
  }
  auto terms = as_stored(changed(found->terms, m.change));
  if (auto bad = check_terms(terms); !bad.empty()) return invalid(std::move(bad));
  const auto status = m.change.status.value_or(found->status);
  if (terms == found->terms && status == found->status) return view_of(*found, uses);
  auto& p = d.of<promotion_row>().edit(m.promotion_id);
  p.terms = std::move(terms);
  p.status = status;
  p.updated_at = d.now;
  count_change(d);
  auto view = view_of(p, uses);
  note(d, "promotion_changed", m.promotion_id.value, json::write(view));
  return view;
}

void pricing_service::needs(const delete_promotion& m, need_list& list, const records&) const {
  list.add<&promotion_row::promotion_id>(m.promotion_id);
  list.add<&promotion_use_row::promotion_id>(m.promotion_id);
  need_revision(list);
}

result<kernel::nothing> pricing_service::decide(const delete_promotion& m, decision& d) const {
  const auto* found = d.of<promotion_row>().find(m.promotion_id);
  if (!found) return not_found("promotion");
  const auto uses = uses_of(d, m.promotion_id);
  if (auto bad =
          kernel::check_precondition(m.precondition, [&] { return view_of(*found, uses); })) {
    return std::move(*bad);
  }
  const auto* used = d.of<promotion_use_row>().find(m.promotion_id);
  if (used && used->orders > 0) {
    return conflict("promotion_used", "Orders have used this promotion. Disable it instead.");
  }
  note(d, "promotion_deleted", m.promotion_id.value, json::write(view_of(*found, uses)));
  if (used) d.of<promotion_use_row>().erase(m.promotion_id);
  d.of<promotion_row>().erase(m.promotion_id);
  d.execute(delete_codes_of, db::params(m.promotion_id));
  count_change(d);
  return kernel::nothing{};
}

void pricing_service::needs(const add_codes& m, need_list& list, const records&) const {
  list.add<&promotion_row::promotion_id>(m.promotion_id);
  for (const auto& code : m.codes) list.add<&code_row::code_key>(code_key_of(code));
}

result<code_page> pricing_service::decide(const add_codes& m, decision& d) const {
  const auto* found = d.of<promotion_row>().find(m.promotion_id);
  if (!found) return not_found("promotion");
  if (found->terms.trigger != promotion_trigger::code) {
    return problem{problem_kind::validation,
                   "promotion_without_codes",
                   "An automatic promotion has no codes. Its trigger cannot be changed.",
                   {}};
  }
  if (m.codes.empty() || m.codes.size() > codes_at_once_max) {
    return invalid_field("/codes", "range",
                         "There may be 1 to " + std::to_string(codes_at_once_max) + " codes.");
  }
  code_page added;
  for (const auto& code : m.codes) {
    auto key = code_key_of(code);
    if (d.of<code_row>().find(key)) {
      return conflict("code_exists", "The code " + code + " exists.");
    }
    added.data.push_back(view_of(
        d.of<code_row>().insert({std::move(key), code, m.promotion_id, m.uses_max, 0, d.now, 0})));
  }
  note(d, "codes_added", m.promotion_id.value,
       "{\"count\":" + std::to_string(added.data.size()) + "}");
  return added;
}

void pricing_service::needs(const delete_code& m, need_list& list, const records&) const {
  list.add<&code_row::code_key>(code_key_of(m.code));
}

result<kernel::nothing> pricing_service::decide(const delete_code& m, decision& d) const {
  const auto key = code_key_of(m.code);
  const auto* found = d.of<code_row>().find(key);
  if (!found || found->promotion_id != m.promotion_id) return not_found("code");
  note(d, "code_deleted", m.promotion_id.value, json::write(view_of(*found)));
  d.of<code_row>().erase(key);
  return kernel::nothing{};
}

result<promotion_view> pricing_service::read(const get_promotion& q, const kernel::call_context&,
                                             db::connection& c) const {
  const auto found = read_promotion(c, q.promotion_id);
  if (!found) return not_found("promotion");
  return view_of(found->promotion, found->uses);
}

result<promotion_page> pricing_service::read(const list_promotions& q, const kernel::call_context&,
                                             db::connection& c) const {
  promotion_page page;
  std::int64_t total = 0;
  const auto limit = static_cast<std::size_t>(q.limit);
  for (const auto& [p, uses] : read_promotions(c)) {
    if (q.status && p.status != *q.status) continue;
    if (q.trigger && p.terms.trigger != *q.trigger) continue;
    ++total;
    if (q.before && !(p.promotion_id < *q.before)) continue;
    if (page.data.size() == limit) {
      page.next_cursor.value = page.data.back().promotion_id.str();
    } else {
      page.data.push_back(view_of(p, uses));
    }
  }
  if (q.count) page.total = total;
  return page;
}

result<code_page> pricing_service::read(const list_codes& q, const kernel::call_context&,
                                        db::connection& c) const {
  if (!read_promotion(c, q.promotion_id)) return not_found("promotion");
  const auto limit = static_cast<std::size_t>(q.limit);
  auto found = read_codes(c, q.promotion_id, q.after.value_or(""), limit + 1);
  code_page page;
  if (found.size() > limit) {
    found.pop_back();
    page.next_cursor.value = found.back().code_key;
  }
  for (const auto& code : found) page.data.push_back(view_of(code));
  return page;
}

result<get_rules::answer> pricing_service::read(const get_rules& q, const kernel::call_context&,
                                                db::connection& c) const {
  get_rules::answer a{revision_of(c, options_), std::nullopt};
  if (q.known == a.revision) return a;
  auto& rules = a.content.emplace();
  for (auto& [p, uses] : read_promotions(c)) {
    if (p.status != promotion_status::Active || is_used_up(p.terms, uses)) continue;
    rules.promotions.push_back({p.promotion_id, std::move(p.terms)});
  }
  for (auto& r : read_tax_rates(c)) rules.tax_rates.push_back({r.tax_rate_id, std::move(r.terms)});
  for (auto& z : read_shipping_zones(c)) {
    rules.zones.push_back({z.shipping_zone_id, std::move(z.terms)});
  }
  for (auto& l : read_price_lists(c)) {
    if (l.terms.enabled && l.entries > 0) {
      rules.price_lists.push_back({l.price_list_id, std::move(l.terms)});
    }
  }
  rules.prices_include_tax = options_.prices_include_tax;
  rules.rounds_per_order = options_.rounds_per_order;
  rules.tax_exempt_groups = options_.tax_exempt_groups;
  return a;
}

result<look_up::answer> pricing_service::read(const look_up& q, const kernel::call_context&,
                                              db::connection& c) const {
  if (q.codes.size() > cart_codes_max) {
    return invalid_field("/codes", "too_many",
                         "At most " + std::to_string(cart_codes_max) + " codes.");
  }
  look_up::answer a;
  for (const auto& code : q.codes) {
    const auto found = read_code(c, code_key_of(code));
    if (!found) {
      a.codes.push_back({code, std::nullopt, false});
      continue;
    }
    bool used_up = found->uses_max && found->uses >= *found->uses_max;
    if (const auto p = read_promotion(c, found->promotion_id)) {
      used_up |= is_used_up(p->promotion.terms, p->uses);
    }
    a.codes.push_back({found->code, found->promotion_id, used_up});
  }
  if (!q.customer) return a;
  for (const auto& use : read_customer_uses(c, *q.customer)) {
    const auto p = read_promotion(c, use.promotion_id);
    if (!p) continue;
    const auto& most = p->promotion.terms.uses_per_customer_max;
    if (most && use.uses >= *most) a.used_up.push_back(use.promotion_id);
  }
  return a;
}

kernel::due_work pricing_service::due(db::connection& c, timestamp now, bool) const {
  kernel::due_work work;
  for (auto id :
       overdue_redemptions(c, now, latest_due(now, options_.reservation_ttl), sweep_max)) {
    work.commands.push_back(kernel::any_message::of(expire_redemption{id}));
  }
  for (auto id : deleted_price_lists(c, lists_at_once)) {
    work.commands.push_back(kernel::any_message::of(clear_price_list{id}));
  }
  if (!read_price_checks(c, 1).empty()) {
    work.effects.push_back(kernel::any_message::of(run_price_checks{}));
  }
  return work;
}

}  // namespace stoa::pricing
