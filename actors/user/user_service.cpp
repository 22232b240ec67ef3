#include "actors/user/user_service.hpp"

#include "actors/kernel/entity_tag.hpp"
#include "actors/user/user_accounts.hpp"
#include "actors/user/user_rights.hpp"
#include "actors/user/user_sessions.hpp"
#include "storage/base/contact.hpp"
#include "storage/base/identity.hpp"
#include "storage/base/text.hpp"
#include "storage/user/user_store.hpp"

namespace stoa::user {

namespace {

using kernel::call_context;

address_view view_of(const user_profile_row& p) {
  return {p.profile_id, p.first_name, p.last_name,   p.address_line1, p.address_line2,
          p.city,       p.state,      p.postal_code, p.country,       p.created_at,
          p.updated_at, p.company,    p.phone};
}

void fill(user_profile_row& p, const address& sent) {
  const auto a = stored_address(sent);
  p.first_name = a.first_name;
  p.last_name = a.last_name;
  p.address_line1 = a.address_line1;
  p.address_line2 = a.address_line2;
  p.city = a.city;
  p.state = a.state;
  p.postal_code = a.postal_code;
  p.country = a.country;
  p.company = a.company;
  p.phone = a.phone;
}

/// The user, if the caller may act for the user.
result<const user_row*> own_user(user_service::decision& d, stoa::user_id id) {
  const auto* found = d.of<user_row>().find(id);
  if (!found || !is_self(d.context, id)) return not_found("user");
  return found;
}

problem password_changed() {
  return conflict("password_changed", "The password was changed concurrently.");
}

/// Rejects a caller that has not confirmed the password: a stolen access token must not suffice.
std::optional<problem> refuse_unconfirmed(user_service::decision& d, const user_row& u,
                                          const std::optional<std::string>& known_hash) {
  if (is_system(d.context)) return std::nullopt;
  if (!known_hash) return wrong_password();
  if (*known_hash != u.hashed_password) return password_changed();
  return std::nullopt;
}

}  // namespace

void user_service::needs(const register_user& m, need_list& list, const records&) const {
  list.add<&user_row::username_folded>(text::fold(m.username));
  list.add<&user_row::email_folded>(text::mail_key(m.email));
}

result<user_view> user_service::decide(const register_user& m, decision& d) const {
  if (m.role != user_role::customer && !is_admin(d.context)) {
    return problem{
        problem_kind::forbidden, "forbidden", "Only an administrator may assign this role.", {}};
  }
  user_row u;
  u.user_id = d.new_id<stoa::user_id>();
  u.username = m.username;
  u.username_folded = text::fold(m.username);
  u.email = m.email;
  u.email_folded = text::mail_key(m.email);
  if (auto taken = check_unique_names(d, u.user_id, &u.username_folded, &u.email_folded)) {
    return std::move(*taken);
  }
  u.hashed_password = m.hashed_password;
  u.first_name = stored_line(m.first_name);
  u.last_name = stored_line(m.last_name);
  u.phone_number = stored_phone(m.phone_number);
  u.role = m.role;
  u.locale = m.locale;
  u.created_at = u.updated_at = d.now;
  return view_for(d.context, d.of<user_row>().insert(std::move(u)));
}

void user_service::needs(const change_password& m, need_list& list, const records&) const {
  list.add<&user_row::user_id>(m.user_id);
  needs_sessions(m.user_id, list);
}

result<kernel::nothing> user_service::decide(const change_password& m, decision& d) const {
  auto u = own_user(d, m.user_id);
  if (!u) return u.error();
  if (!m.password_right) return wrong_password();
  if ((*u)->hashed_password != m.old_hash) return password_changed();
  auto& changed = d.of<user_row>().edit(m.user_id);
  changed.hashed_password = m.new_hash;
  changed.updated_at = d.now;
  end_sessions(d, m.user_id, m.kept);
  return kernel::nothing{};
}

void user_service::needs(const update_user& m, need_list& list, const records&) const {
  list.add<&user_row::user_id>(m.user_id);
  if (m.username) list.add<&user_row::username_folded>(text::fold(*m.username));
  if (m.email) {
    list.add<&user_row::email_folded>(text::mail_key(*m.email));
    list.add<&verification_row::email_folded>(text::mail_key(*m.email));
  }
}

result<user_view> user_service::decide(const update_user& m, decision& d) const {
  auto found = own_user(d, m.user_id);
  if (!found) return found.error();
  if (auto bad = kernel::check_precondition(m.precondition,
                                            [&] { return view_for(d.context, **found); })) {
    return std::move(*bad);
  }
  if (m.email) {
    if (auto refused = refuse_unconfirmed(d, **found, m.known_hash)) return std::move(*refused);
  }
  user_row changed = **found;
  if (m.username) {
    changed.username = *m.username;
    changed.username_folded = text::fold(*m.username);
  }
  const bool later = m.email && m.verify_email.value_or(false);
  if (m.email && !later) {
    changed.email = *m.email;
    changed.email_folded = text::mail_key(*m.email);
  }
  if (auto taken = check_unique_names(d, m.user_id, &changed.username_folded,
                                      later ? nullptr : &changed.email_folded)) {
    return std::move(*taken);
  }
  if (later) {
    verification_row asked;
    asked.purpose = mail_purpose::email_change;
    asked.email = *m.email;
    asked.user_id = m.user_id;
    asked.first_name = changed.first_name;
    asked.locale = m.locale.present ? m.locale.value : changed.locale;
    ask_to_confirm(d, std::move(asked));
  }
  if (m.first_name) changed.first_name = stored_line(*m.first_name);
  if (m.last_name) changed.last_name = stored_line(*m.last_name);
  if (m.phone_number.present) changed.phone_number = stored_phone(m.phone_number.value);
  if (m.locale.present) changed.locale = m.locale.value;
  changed.updated_at = d.now;
  if (changed.email != (*found)->email || changed.locale != (*found)->locale) {
    d.emit(m.user_id, contact_changed{m.user_id, changed.email, changed.locale});
  }
  auto& u = d.of<user_row>().edit(m.user_id);
  u = std::move(changed);
  return view_for(d.context, u);
}

void user_service::needs(const delete_account& m, need_list& list, const records&) const {
  list.add<&user_row::user_id>(m.user_id);
  list.add<&user_profile_row::user_id>(m.user_id);
  list.add<&verification_row::user_id>(std::optional(m.user_id));
  needs_sessions(m.user_id, list);
}

result<kernel::nothing> user_service::decide(const delete_account& m, decision& d) const {
  auto found = own_user(d, m.user_id);
  if (!found) return found.error();
  if (auto bad = kernel::check_precondition(m.precondition,
                                            [&] { return view_for(d.context, **found); })) {
    return std::move(*bad);
  }
  if (auto refused = refuse_unconfirmed(d, **found, m.known_hash)) return std::move(*refused);
  for (const auto* p : d.of<user_profile_row>().where<&user_profile_row::user_id>(m.user_id)) {
    d.of<user_profile_row>().erase(p->profile_id);
  }
  end_sessions(d, m.user_id, std::nullopt);
  for (const auto* s : d.of<session_row>().where<&session_row::user_id>(m.user_id)) {
    d.of<session_row>().erase(s->family);
  }
  for (const auto* v :
       d.of<verification_row>().where<&verification_row::user_id>(std::optional(m.user_id))) {
    d.of<verification_row>().erase(v->verification_id);
  }
  d.of<user_row>().erase(m.user_id);
  d.emit(m.user_id, user_deleted{m.user_id});
  return kernel::nothing{};
}

void user_service::needs(const set_role& m, need_list& list, const records&) const {
  list.add<&user_row::user_id>(m.user_id);
  needs_sessions(m.user_id, list);
}

result<user_view> user_service::decide(const set_role& m, decision& d) const {
  const auto* found = d.of<user_row>().find(m.user_id);
  if (!is_admin(d.context) || !found) return not_found("user");
  if (auto bad =
          kernel::check_precondition(m.precondition, [&] { return view_for(d.context, *found); })) {
    return std::move(*bad);
  }
  if (d.context.who.is_user() && d.context.who.user == m.user_id) {
    return conflict("own_role", "Administrators cannot change their own role.");
  }
  auto& u = d.of<user_row>().edit(m.user_id);
  if (u.role != m.role) {
    u.role = m.role;
    u.updated_at = d.now;
    for (const auto* s : live_sessions(d, m.user_id)) {
      revoke(d, *s, ++d.of<session_row>().edit(s->family).epoch);
    }
  }
  return view_for(d.context, u);
}

void user_service::needs(const annotate_user& m, need_list& list, const records&) const {
  list.add<&user_row::user_id>(m.user_id);
}

result<user_view> user_service::decide(const annotate_user& m, decision& d) const {
  const auto* found = d.of<user_row>().find(m.user_id);
  if (!found || !(is_system(d.context) || d.context.who.is_staff())) return not_found("user");
  if (auto bad =
          kernel::check_precondition(m.precondition, [&] { return view_for(d.context, *found); })) {
    return std::move(*bad);
  }
  auto changed = changed_metadata(found->metadata, m.change.metadata);
  if (!changed) return std::move(changed.error());
  if (*changed != found->metadata) {
    // updated_at stays: the customer does not see metadata, and the customer's ETag must not
    // change.
    d.of<user_row>().edit(m.user_id).metadata = std::move(*changed);
  }
  if (m.change.groups && *m.change.groups != found->customer_groups) {
    d.of<user_row>().edit(m.user_id).customer_groups = *m.change.groups;
  }
  return view_for(d.context, *d.of<user_row>().find(m.user_id));
}

void user_service::needs(const add_address& m, need_list& list, const records&) const {
  list.add<&user_row::user_id>(m.user_id);
  list.add<&user_profile_row::user_id>(m.user_id);
}

result<address_view> user_service::decide(const add_address& m, decision& d) const {
  auto found = own_user(d, m.user_id);
  if (!found) return found.error();
  auto profiles = d.of<user_profile_row>().where<&user_profile_row::user_id>(m.user_id);
  if (profiles.size() >= addresses_max) {
    return problem{problem_kind::validation,
                   "too_many_addresses",
                   "A user has at most " + std::to_string(addresses_max) + " addresses.",
                   {}};
  }
  d.of<user_row>().edit(m.user_id);  // Concurrent additions of the last address must conflict.
  user_profile_row p;
  p.profile_id = d.new_id<stoa::profile_id>();
  p.user_id = m.user_id;
  p.created_at = p.updated_at = d.now;
  fill(p, m.content);
  return view_of(d.of<user_profile_row>().insert(std::move(p)));
}

void user_service::needs(const replace_address& m, need_list& list, const records&) const {
  list.add<&user_profile_row::profile_id>(m.profile_id);
}

result<address_view> user_service::decide(const replace_address& m, decision& d) const {
  const auto* found = d.of<user_profile_row>().find(m.profile_id);
  if (!found || found->user_id != m.user_id || !is_self(d.context, m.user_id)) {
    return not_found("address");
  }
  if (auto bad = kernel::check_precondition(m.precondition, [&] { return view_of(*found); })) {
    return std::move(*bad);
  }
  auto& p = d.of<user_profile_row>().edit(m.profile_id);
  fill(p, m.content);
  p.updated_at = d.now;
  return view_of(p);
}

void user_service::needs(const remove_address& m, need_list& list, const records&) const {
  list.add<&user_profile_row::profile_id>(m.profile_id);
}

result<kernel::nothing> user_service::decide(const remove_address& m, decision& d) const {
  const auto* found = d.of<user_profile_row>().find(m.profile_id);
  if (!found || found->user_id != m.user_id || !is_self(d.context, m.user_id)) {
    return not_found("address");
  }
  if (auto bad = kernel::check_precondition(m.precondition, [&] { return view_of(*found); })) {
    return std::move(*bad);
  }
  d.of<user_profile_row>().erase(m.profile_id);
  return kernel::nothing{};
}

result<find_credentials::answer> user_service::read(const find_credentials& q, const call_context&,
                                                    db::connection& c) const {
  auto found = q.user_id ? read_user(c, *q.user_id) : user_of_login(c, text::trim(q.login));
  if (!found) return find_credentials::answer{};
  return find_credentials::answer{true, found->user_id, std::move(found->hashed_password),
                                  std::move(found->username), std::move(found->email)};
}

result<user_view> user_service::read(const get_user& q, const call_context& context,
                                     db::connection& c) const {
  if (!is_self(context, q.user_id) && !context.who.is_staff()) return not_found("user");
  auto found = read_user(c, q.user_id);
  if (!found) return not_found("user");
  return view_for(context, *found);
}

kernel::gathered<user_page> user_service::gather(const get_users& q, const call_context& context,
                                                 db::gathering& all) const {
  const bool may = is_system(context) || context.who.is_staff();
  if (!may || q.user_ids.size() > get_users::users_max) {
    return [may](db::connection&) -> result<user_page> {
      if (!may) return not_found("list");
      return invalid_field("/user_ids", "too_many", "Too many users at once.");
    };
  }
  std::vector<db::gathering::found<user_row>> found;
  for (auto id : q.user_ids) {
    found.push_back(all.ask<user_row>(db::select_by<&user_row::user_id>(), db::params(id)));
  }
  return [found, &context](db::connection&) -> result<user_page> {
    user_page page;
    for (const auto& rows : found) {
      for (const auto& u : *rows) page.data.push_back(view_for(context, u));
    }
    return page;
  };
}

namespace {

/// The accounts with an address, regardless of the page: at most two, as the full case folding used
/// by earlier versions may give two addresses the same key.
std::vector<user_row> users_with_address(db::connection& c, user_filter filter,
                                         std::string_view email) {
  const auto address = text::trim(email);
  const auto key = text::mail_key(address);
  filter.email_keys = {key, text::fold(address)};
  filter.before.reset();
  filter.limit = 3;
  auto found = list_users(c, filter);
  std::erase_if(found, [&](const user_row& u) { return text::mail_key(u.email) != key; });
  return found;
}

}  // namespace

result<user_page> user_service::read(const list_users_query& q, const call_context& context,
                                     db::connection& c) const {
  if (!is_system(context) && !context.who.is_staff()) return not_found("list");
  user_filter filter{q.role, q.before, static_cast<std::size_t>(q.limit) + 1};
  auto found = q.email ? users_with_address(c, filter, *q.email) : list_users(c, filter);
  user_page page;
  if (q.count) {
    page.total = q.email ? static_cast<std::int64_t>(found.size()) : count_users(c, filter);
  }
  if (q.email && q.before) std::erase_if(found, [&](auto& u) { return !(u.user_id < *q.before); });
  if (found.size() > static_cast<std::size_t>(q.limit)) {
    found.pop_back();
    page.next_cursor.value = found.back().user_id.str();
  }
  for (const auto& u : found) page.data.push_back(view_for(context, u));
  return page;
}

result<address_page> user_service::read(const list_addresses& q, const call_context& context,
                                        db::connection& c) const {
  if (!is_self(context, q.user_id)) return not_found("user");
  address_page page;
  for (const auto& p : profiles_of_user(c, q.user_id)) page.data.push_back(view_of(p));
  return page;
}

result<address_view> user_service::read(const get_address& q, const call_context& context,
                                        db::connection& c) const {
  if (!is_self(context, q.user_id)) return not_found("address");
  for (const auto& p : profiles_of_user(c, q.user_id)) {
    if (p.profile_id == q.profile_id) return view_of(p);
  }
  return not_found("address");
}

result<get_contact::answer> user_service::read(const get_contact& q, const call_context& context,
                                               db::connection& c) const {
  if (!is_self(context, q.user_id)) return not_found("user");
  auto found = read_user(c, q.user_id);
  if (!found) return not_found("user");
  return get_contact::answer{found->email, found->first_name + " " + found->last_name,
                             found->locale, found->phone_number, found->customer_groups};
}

}  // namespace stoa::user
