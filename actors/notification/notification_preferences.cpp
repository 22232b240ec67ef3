// What recipients want to receive: their choices, and the links that unsubscribe.

#include "actors/notification/marketing_parts.hpp"
#include "actors/notification/recipients.hpp"
#include "storage/base/identity.hpp"
#include "storage/notification/notification_store.hpp"

#include <algorithm>
#include <set>

namespace stoa::notification {

namespace {

using kernel::call_context;

bool is_own(const call_context& context, stoa::user_id user) {
  return context.who.is_user() && context.who.user == user;
}

std::string owner_of_user(stoa::user_id user) {
  return owner_of(user, {});
}

template <class IsOff>
preference_list preferences(const IsOff& is_off) {
  preference_list list;
  for (const auto category : all_categories) {
    for (const auto channel : preference_channels) {
      if (!is_sent(category, channel)) continue;
      list.data.push_back({category, channel, !is_off(category, channel), !is_optional(category)});
    }
  }
  return list;
}

std::vector<field_error> errors_in(const std::vector<preference_choice>& choices) {
  std::vector<field_error> errors;
  std::set<std::pair<notification_category, notification_type>> seen;
  for (std::size_t i = 0; i < choices.size(); ++i) {
    const auto& c = choices[i];
    const auto at = "/data/" + std::to_string(i);
    if (!seen.emplace(c.category, c.channel).second) {
      errors.push_back({at, "duplicate", "The category and channel are listed twice."});
    }
    if (!is_sent(c.category, c.channel)) {
      errors.push_back({at + "/channel", "unavailable",
                        "Notifications of the category " + std::string(enum_name(c.category)) +
                            " are sent by Email only."});
    }
    if (!c.enabled && !is_optional(c.category)) {
      errors.push_back({at + "/enabled", "required_category",
                        "Notifications of the category " + std::string(enum_name(c.category)) +
                            " cannot be switched off."});
    }
  }
  return errors;
}

}  // namespace

std::string owner_of(const std::optional<stoa::user_id>& user, std::string_view address) {
  return user ? "user:" + user->str() : "address:" + text::mail_key(address);
}

std::string choice_of(notification_category category, notification_type channel) {
  return std::string(enum_name(category)) + "/" + std::string(enum_name(channel));
}

void notification_service::needs(const set_preferences& m, need_list& list, const records&) const {
  list.add<&opt_out_row::owner>(owner_of_user(m.user_id));
  list.add<&consent_row::user_id>(m.user_id);
}

result<preference_list> notification_service::decide(const set_preferences& m, decision& d) const {
  if (!is_own(d.context, m.user_id)) return not_found("user");
  if (auto errors = errors_in(m.data); !errors.empty()) return invalid(std::move(errors));
  const auto owner = owner_of_user(m.user_id);
  auto& rows = d.of<opt_out_row>();
  const auto is_off = [&](notification_category category, notification_type channel) {
    const auto found = std::ranges::find_if(m.data, [&](const preference_choice& c) {
      return c.category == category && c.channel == channel;
    });
    return found == m.data.end() ? needs_consent(category) : !found->enabled;
  };
  if (is_off(notification_category::marketing, notification_type::Email)) {
    withdraw_consent(d, m.user_id, withdrawal::account);
  } else {
    give_consent(d, m.user_id, m.contact);
  }
  for (const auto category : all_categories) {
    if (needs_consent(category)) continue;
    for (const auto channel : preference_channels) {
      const auto choice = choice_of(category, channel);
      const bool was_off = rows.find(owner, choice) != nullptr;
      const bool off = is_off(category, channel);
      if (off && !was_off) rows.insert({owner, choice, d.now});
      if (!off && was_off) rows.erase(owner, choice);
    }
  }
  return preferences(is_off);
}

result<preference_list> notification_service::read(const get_preferences& q,
                                                   const call_context& context,
                                                   db::connection& c) const {
  if (!is_own(context, q.user_id)) return not_found("user");
  const auto rows = opt_outs_of(c, owner_of_user(q.user_id));
  const auto consent = read_consent(c, q.user_id);
  return preferences([&](notification_category category, notification_type channel) {
    if (needs_consent(category)) return !consent || !consent->is_given();
    return std::ranges::find(rows, choice_of(category, channel), &opt_out_row::choice) !=
           rows.end();
  });
}

void notification_service::needs(const unsubscribe& m, need_list& list,
                                 const records& loaded) const {
  list.add<&notification_row::notification_id>(m.notification_id);
  if (const auto* n = loaded.of<notification_row>().find(m.notification_id)) {
    list.add<&opt_out_row::owner>(owner_of(n->user_id, n->recipient));
    need_consent(*n, list);
  }
}

result<kernel::nothing> notification_service::decide(const unsubscribe& m, decision& d) const {
  const auto* n = d.of<notification_row>().find(m.notification_id);
  const auto category = n ? category_of(n->template_name) : std::nullopt;
  if (!category || !is_optional(*category)) return not_found("notification");
  if (needs_consent(*category)) {
    if (n->user_id) withdraw_consent(d, *n->user_id, withdrawal::unsubscribe_link);
    return kernel::nothing{};
  }
  const auto owner = owner_of(n->user_id, n->recipient);
  auto& rows = d.of<opt_out_row>();
  const auto choice = choice_of(*category, n->type);
  if (!rows.find(owner, choice)) rows.insert({owner, choice, d.now});
  return kernel::nothing{};
}

void forget_choices(notification_service::decision& d, stoa::user_id user) {
  auto& rows = d.of<opt_out_row>();
  for (const auto* row : rows.where<&opt_out_row::owner>(owner_of_user(user))) {
    rows.erase(row->owner, row->choice);
  }
}

bool has_switched_off(notification_service::decision& d, const order::order_summary& about,
                      std::string_view type, notification_type channel) {
  const auto category = category_of(type);
  return category && is_optional(*category) &&
         d.of<opt_out_row>().find(owner_of(about.user_id, about.email),
                                  choice_of(*category, channel)) != nullptr;
}

void need_choice(const order::order_summary& about, notification_service::need_list& list) {
  list.add<&opt_out_row::owner>(owner_of(about.user_id, about.email));
  list.add<&suppressed_row::order_id>(about.order_id);
}

}  // namespace stoa::notification
