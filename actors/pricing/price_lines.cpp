// Import and export of price lists and prices as lines of a file.

#include "actors/pricing/pricing_parts.hpp"
#include "actors/pricing/stored_terms.hpp"
#include "storage/base/blank.hpp"
#include "storage/base/json_read.hpp"
#include "storage/base/json_write.hpp"
#include "storage/pricing/pricing_store.hpp"

#include <algorithm>
#include <map>

namespace stoa::pricing {

namespace {

using decision = pricing_service::decision;
using catalog::import_outcome;

/// The name of a list in a file.
std::string list_reference(const price_list_row& list) {
  return list.terms.key.value_or(list.price_list_id.str());
}

const price_list_row* list_of_key(decision& d, std::string_view given) {
  const auto key = text::without_white_ends(given);
  for (const auto* list : d.of<price_list_row>().where<&price_list_row::list>(0)) {
    if (!list->deleted && list->terms.key == key) return list;
  }
  return nullptr;
}

/// The list that a line names by its key, or by its id.
const price_list_row* named_list(decision& d, const std::string& reference) {
  if (const auto id = stoa::price_list_id::parse(reference)) return usable_list(d, *id);
  return list_of_key(d, reference);
}

/// The terms with the members of the patch; they have no objects that would have to be merged.
std::string patched_terms(const std::string& terms, const std::string& patch) {
  const auto stored = json::parse(terms);
  const auto changes = json::parse(patch);
  if (!stored || !changes || !changes->if_object()) return patch;
  json::object all;
  for (const auto& m : *stored->if_object()) {
    if (!changes->find(m.name)) all.push_back(m);
  }
  for (const auto& m : *changes->if_object()) {
    if (!m.value.is_null()) all.push_back(m);
  }
  return json::write(json::value(std::move(all)));
}

void undo_prices(decision& d) {
  d.of<price_list_row>().undo();
  d.of<price_entry_row>().undo();
  d.of<price_check_row>().undo();
  d.of<rule_revision_row>().undo();
  d.statements.clear();
}

price_entry_terms entry_terms_of(const price_entry_row& e, const std::string& currency) {
  const auto view = price_view_of(e, currency);
  return {view.product_id, view.price, view.compare_at_price, view.tiers};
}

void add_line_change(catalog::import_answer& answer, bool wanted, std::string_view field,
                     std::string before, std::string after) {
  if (wanted && before != after) {
    answer.changes.push_back(
        {std::nullopt, std::string(field), std::move(before), std::move(after)});
  }
}

/// The stored price; empty: there is none.
std::string price_text(const price_entry_row* e, const std::string& currency) {
  return e ? json::write(entry_terms_of(*e, currency)) : std::string();
}

/// The change of one price as a request, with what its line leaves unchanged.
result<change_prices> price_request_of(const imported_price& p, const price_list_row& list,
                                       const price_entry_row* stored) {
  change_prices one{list.price_list_id, {}, {}};
  if (p.price.present && !p.price.value) {
    one.remove.push_back(p.product_id);
    return one;
  }
  if (!stored && !p.price.value) {
    return invalid_field("/price", "required", "The product has no price in this list.");
  }
  price_entry_terms terms;
  terms.product_id = p.product_id;
  if (stored) terms = entry_terms_of(*stored, list.terms.currency);
  if (p.price.value) terms.price = *p.price.value;
  if (p.compare_at_price.present) terms.compare_at_price = p.compare_at_price.value;
  if (p.tiers.present) terms.tiers = p.tiers.value.value_or(std::vector<price_tier_view>{});
  one.set.push_back(std::move(terms));
  return one;
}

/// The problem with pointers into the line of the price.
problem price_line_problem(std::vector<field_error> errors) {
  constexpr std::string_view prefix = "/set/0";
  for (auto& e : errors) {
    if (e.pointer.starts_with(prefix)) e.pointer.erase(0, prefix.size());
  }
  return invalid(std::move(errors));
}

using counts_by_list = std::map<stoa::price_list_id, price_entry_counts>;

price_import import_price(const imported_price& p, bool dry_run, decision& d,
                          counts_by_list& changed) {
  const auto* list = named_list(d, p.price_list);
  if (!list) return {invalid_field("/price_list", "unknown", "Unknown price list."), {}};
  const auto& entries = d.of<price_entry_row>();
  const auto* before = entries.find(list->price_list_id, p.product_id);
  const auto one = price_request_of(p, *list, before);
  if (!one) return {one.error(), {}};
  const auto currency = list->terms.currency;
  if (auto bad = price_errors(*one, currency); !bad.empty())
    return {price_line_problem(std::move(bad)), {}};
  if (!one->set.empty() && !before && list->entries >= price_entries_max) {
    return {too_many_prices(), {}};
  }
  price_import done;
  const auto text = price_text(before, currency);
  const auto counts = change_entries(*one, d);
  if (counts.created + counts.updated + counts.deleted == 0) return done;
  auto& sum = changed[list->price_list_id];
  sum.created += counts.created;
  sum.updated += counts.updated;
  sum.deleted += counts.deleted;
  auto& edited = d.of<price_list_row>().edit(list->price_list_id);
  edited.entries += counts.created - counts.deleted;
  edited.updated_at = d.now;
  sum.entries = edited.entries;
  done.answer.outcome = counts.created > 0 ? import_outcome::created : import_outcome::updated;
  add_line_change(done.answer, dry_run, "price", text,
                  price_text(entries.find(one->price_list_id, p.product_id), currency));
  return done;
}

/// Where an export of prices continues: behind the product, in the list or the next one that has
/// prices.
struct price_position {
  stoa::price_list_id list;
  stoa::product_id product;
};

std::optional<price_position> price_position_of(const std::string& after) {
  const auto slash = after.find('/');
  if (slash == std::string::npos) return std::nullopt;
  const auto list = stoa::price_list_id::parse(after.substr(0, slash));
  const auto product = stoa::product_id::parse(after.substr(slash + 1));
  if (!list || !product) return std::nullopt;
  return price_position{*list, *product};
}

std::string position_text(const price_position& p) {
  return p.list.str() + '/' + p.product.str();
}

}  // namespace

void pricing_service::needs(const import_price_list& m, need_list& list, const records&) const {
  list.add<&price_list_row::list>(std::int64_t{0});
  if (m.price_list_id) list.add<&price_list_row::price_list_id>(*m.price_list_id);
  need_revision(list);
}

result<catalog::import_answer> pricing_service::decide(const import_price_list& m,
                                                       decision& d) const {
  const auto* found = m.price_list_id ? d.of<price_list_row>().find(*m.price_list_id)
                      : m.key         ? list_of_key(d, *m.key)
                                      : nullptr;
  if (found && found->deleted) {
    return invalid_field("/price_list_id", "unknown", "This price list is being deleted.");
  }
  if (!found && !m.price_list_id && !m.key) {
    return invalid_field("/key", "required", "A price list has a key or a price_list_id.");
  }
  const auto before = found ? json::write(found->terms) : std::string("{}");
  const bool is_new = !found;
  auto terms = json::read<price_list_terms>(patched_terms(before, m.terms.text));
  if (!terms) return terms.error();
  const auto id = found             ? found->price_list_id
                  : m.price_list_id ? *m.price_list_id
                                    : d.new_id<stoa::price_list_id>();
  *terms = as_stored(std::move(*terms));
  const auto after = json::write(*terms);
  const auto stored = is_new ? decide(create_price_list{id, std::move(*terms)}, d)
                             : decide(replace_price_list{id, std::move(*terms)}, d);
  if (!stored) return stored.error();
  catalog::import_answer answer;
  if (is_new) {
    answer.outcome = import_outcome::created;
  } else if (before != after) {
    answer.outcome = import_outcome::updated;
  }
  add_line_change(answer, m.dry_run, "price_list", is_new ? "" : before, after);
  if (m.dry_run) undo_prices(d);
  return answer;
}

void pricing_service::needs(const import_prices& m, need_list& list, const records&) const {
  list.add<&price_list_row::list>(std::int64_t{0});
  need_revision(list);
  if (m.prices.size() > price_entries_at_once_max) return;
  for (const auto& p : m.prices) list.add<&price_entry_row::product_id>(p.product_id);
}

result<price_imports> pricing_service::decide(const import_prices& m, decision& d) const {
  if (m.prices.size() > price_entries_at_once_max) {
    return invalid_field("", "too_many",
                         "At most " + std::to_string(price_entries_at_once_max) + " prices.");
  }
  price_imports outcome;
  counts_by_list changed;
  for (const auto& p : m.prices) {
    outcome.data.push_back(import_price(p, m.dry_run, d, changed));
  }
  if (m.dry_run) {
    undo_prices(d);
    return outcome;
  }
  for (const auto& [id, counts] : changed) {
    note(d, "prices_changed", id.value, json::write(counts));
  }
  if (!changed.empty()) count_change(d);
  return outcome;
}

result<price_list_export> pricing_service::read(const export_price_lists&,
                                                const kernel::call_context&,
                                                db::connection& c) const {
  price_list_export all;
  for (auto& list : read_price_lists(c)) {
    all.data.push_back({list.price_list_id, std::move(list.terms)});
  }
  return all;
}

result<price_export> pricing_service::read(const export_prices& q, const kernel::call_context&,
                                           db::connection& c) const {
  price_position at{};
  if (q.after) {
    const auto given = price_position_of(*q.after);
    if (!given) return invalid_field("/after", "format", "This is no position of an export.");
    at = *given;
  }
  const auto limit = static_cast<std::size_t>(std::clamp<std::int64_t>(q.limit, 1, 1000));
  price_export page;
  for (const auto& list : read_price_lists(c)) {
    if (list.entries == 0 || list.price_list_id < at.list) continue;
    const bool continues = list.price_list_id == at.list;
    if (!page.data.empty()) {
      page.next = position_text({list.price_list_id, {}});
      break;
    }
    const auto after = continues ? std::optional(at.product) : std::nullopt;
    page.price_list = list_reference(list);
    for (const auto& e : read_price_entries(c, list.price_list_id, after, limit)) {
      page.data.push_back(price_view_of(e, list.terms.currency));
    }
    if (page.data.size() < limit) continue;
    page.next = position_text({list.price_list_id, page.data.back().product_id});
    break;
  }
  return page;
}

}  // namespace stoa::pricing
