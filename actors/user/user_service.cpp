#include "actors/user/user_service.hpp"

#include "storage/base/text.hpp"
#include "storage/user/user_store.hpp"

#include <algorithm>

namespace stoa::user {

namespace {

using kernel::call_context;

/// Expired sessions are forgotten so many in one command, one command a sweep.
constexpr std::size_t forget_at_once = 512;

bool is_system(const call_context& context) {
  return context.who.kind == kernel::caller_kind::system;
}

bool is_admin(const call_context& context) {
  return is_system(context) ||
         (context.who.is_user() && context.who.user_role == kernel::role::admin);
}

/// Accounts are their users' own business.
bool is_self(const call_context& context, stoa::user_id id) {
  return is_system(context) || (context.who.is_user() && context.who.user == id);
}

user_view view_of(const user_row& u) {
  return {u.user_id,      u.username, u.email,      u.first_name, u.last_name,
          u.phone_number, u.role,     u.created_at, u.updated_at};
}

address_view view_of(const user_profile_row& p) {
  return {p.profile_id, p.first_name,  p.last_name, p.address_line1, p.address_line2, p.city,
          p.state,      p.postal_code, p.country,   p.created_at,    p.updated_at};
}

session_view view_of(const session_row& s, const user_row& u) {
  return {s.family, s.user_id, u.role, s.generation, s.expires_at};
}

void fill(user_profile_row& p, const address& a) {
  p.first_name = a.first_name;
  p.last_name = a.last_name;
  p.address_line1 = a.address_line1;
  p.address_line2 = a.address_line2;
  p.city = a.city;
  p.state = a.state;
  p.postal_code = a.postal_code;
  p.country = a.country;
}

/// The user, if the caller may act for the user.
result<const user_row*> own_user(user_service::decision& d, stoa::user_id id) {
  const auto* found = d.of<user_row>().find(id);
  if (!found || !is_self(d.context, id)) return not_found("user");
  return found;
}

/// Tells which of the two folded names another user has; nothing when they are free.
std::optional<problem> refuse_taken(user_service::decision& d, stoa::user_id self,
                                    const std::string& username, const std::string& email) {
  auto& users = d.of<user_row>();
  const auto* same_name = users.find_by<&user_row::username_folded>(username);
  const auto* same_mail = users.find_by<&user_row::email_folded>(email);
  bool name_taken = same_name && same_name->user_id != self;
  bool mail_taken = same_mail && same_mail->user_id != self;
  if (!name_taken && !mail_taken) return std::nullopt;
  problem p = name_taken ? conflict("username_taken", "This user name is taken.")
                         : conflict("email_taken", "There is an account with this mail address.");
  if (name_taken) p.errors.push_back({"/username", "username_taken", "This user name is taken."});
  if (mail_taken) {
    p.errors.push_back({"/email", "email_taken", "There is an account with this mail address."});
  }
  return p;
}

/// Makes room for one more session of the user.
void drop_surplus_sessions(user_service::decision& d, stoa::user_id id) {
  auto sessions = d.of<session_row>().where<&session_row::user_id>(id);
  if (sessions.size() < sessions_max) return;
  std::sort(sessions.begin(), sessions.end(), [](const auto* a, const auto* b) {
    return std::tie(a->rotated_at, a->family) < std::tie(b->rotated_at, b->family);
  });
  std::size_t surplus = sessions.size() - sessions_max + 1;
  for (std::size_t i = 0; i < surplus; ++i) d.of<session_row>().erase(sessions[i]->family);
}

}  // namespace

void user_service::needs(const register_user& m, need_list& list, const records&) const {
  list.add<&user_row::username_folded>(text::fold(m.username));
  list.add<&user_row::email_folded>(text::fold(m.email));
}

result<user_view> user_service::decide(const register_user& m, decision& d) const {
  if (m.role != user_role::customer && !is_admin(d.context)) {
    return problem{403, "forbidden", "Only an admin may give this role.", {}};
  }
  user_row u;
  u.user_id = d.new_id<stoa::user_id>();
  u.username = m.username;
  u.username_folded = text::fold(m.username);
  u.email = m.email;
  u.email_folded = text::fold(m.email);
  if (auto taken = refuse_taken(d, u.user_id, u.username_folded, u.email_folded)) {
    return std::move(*taken);
  }
  u.hashed_password = m.hashed_password;
  u.first_name = m.first_name;
  u.last_name = m.last_name;
  u.phone_number = m.phone_number;
  u.role = m.role;
  u.created_at = u.updated_at = d.now;
  return view_of(d.of<user_row>().insert(std::move(u)));
}

void user_service::needs(const start_session& m, need_list& list, const records&) const {
  list.add<&user_row::user_id>(m.user_id);
  list.add<&session_row::user_id>(m.user_id);
}

result<session_view> user_service::decide(const start_session& m, decision& d) const {
  const auto* u = d.of<user_row>().find(m.user_id);
  if (!u || u->hashed_password != m.hashed_password) {
    return problem{401, "invalid_credentials", "The login or the password is wrong.", {}};
  }
  // Saved in any case: whoever changes the password or logs in at the same moment must collide
  // here, for both have seen the user's sessions as they were.
  auto& seen = d.of<user_row>().edit(m.user_id);
  if (m.rehashed) seen.hashed_password = *m.rehashed;
  drop_surplus_sessions(d, m.user_id);
  const auto& s = d.of<session_row>().insert({d.new_secret_id<stoa::session_id>(), m.user_id, 1,
                                              d.now, d.now + options_.refresh_ttl, std::nullopt,
                                              d.now, m.user_agent, 0});
  return view_of(s, *u);
}

void user_service::needs(const rotate_session& m, need_list& list, const records& loaded) const {
  list.add<&session_row::family>(m.family);
  if (const auto* s = loaded.of<session_row>().find(m.family)) {
    list.add<&user_row::user_id>(s->user_id);
  }
}

result<rotation> user_service::decide(const rotate_session& m, decision& d) const {
  const auto* found = d.of<session_row>().find(m.family);
  const auto* u = found ? d.of<user_row>().find(found->user_id) : nullptr;
  if (!u || found->revoked_at || found->expires_at <= d.now || m.generation > found->generation) {
    return rotation{rotation_outcome::invalid, std::nullopt};
  }
  if (m.generation == found->generation) {
    auto& s = d.of<session_row>().edit(m.family);
    s.generation += 1;
    s.rotated_at = d.now;
    s.expires_at = d.now + options_.refresh_ttl;
    return rotation{rotation_outcome::rotated, view_of(s, *u)};
  }
  bool retry =
      m.generation == found->generation - 1 && d.now - found->rotated_at <= options_.retry_window;
  if (retry) return rotation{rotation_outcome::rotated, view_of(*found, *u)};
  d.of<session_row>().edit(m.family).revoked_at = d.now;
  return rotation{rotation_outcome::reused, std::nullopt};
}

void user_service::needs(const end_session& m, need_list& list, const records&) const {
  list.add<&session_row::family>(m.family);
}

result<kernel::nothing> user_service::decide(const end_session& m, decision& d) const {
  d.of<session_row>().erase(m.family);
  return kernel::nothing{};
}

void user_service::needs(const change_password& m, need_list& list, const records&) const {
  list.add<&user_row::user_id>(m.user_id);
  list.add<&session_row::user_id>(m.user_id);
}

result<kernel::nothing> user_service::decide(const change_password& m, decision& d) const {
  auto u = own_user(d, m.user_id);
  if (!u) return u.error();
  if (!m.password_right) {
    return invalid_field("/current_password", "wrong", "This is not the password.");
  }
  if ((*u)->hashed_password != m.old_hash) {
    return conflict("password_changed", "The password was changed at the same moment.");
  }
  auto& changed = d.of<user_row>().edit(m.user_id);
  changed.hashed_password = m.new_hash;
  changed.updated_at = d.now;
  for (const auto* s : d.of<session_row>().where<&session_row::user_id>(m.user_id)) {
    if (m.kept != s->family && !s->revoked_at) {
      d.of<session_row>().edit(s->family).revoked_at = d.now;
    }
  }
  return kernel::nothing{};
}

void user_service::needs(const update_user& m, need_list& list, const records&) const {
  list.add<&user_row::user_id>(m.user_id);
  if (m.username) list.add<&user_row::username_folded>(text::fold(*m.username));
  if (m.email) list.add<&user_row::email_folded>(text::fold(*m.email));
}

result<user_view> user_service::decide(const update_user& m, decision& d) const {
  auto found = own_user(d, m.user_id);
  if (!found) return found.error();
  user_row changed = **found;
  if (m.username) {
    changed.username = *m.username;
    changed.username_folded = text::fold(*m.username);
  }
  if (m.email) {
    changed.email = *m.email;
    changed.email_folded = text::fold(*m.email);
  }
  if (auto taken = refuse_taken(d, m.user_id, changed.username_folded, changed.email_folded)) {
    return std::move(*taken);
  }
  if (m.first_name) changed.first_name = *m.first_name;
  if (m.last_name) changed.last_name = *m.last_name;
  if (m.phone_number.present) changed.phone_number = m.phone_number.value;
  changed.updated_at = d.now;
  auto& u = d.of<user_row>().edit(m.user_id);
  u = std::move(changed);
  return view_of(u);
}

void user_service::needs(const delete_account& m, need_list& list, const records&) const {
  list.add<&user_row::user_id>(m.user_id);
  list.add<&user_profile_row::user_id>(m.user_id);
  list.add<&session_row::user_id>(m.user_id);
}

result<kernel::nothing> user_service::decide(const delete_account& m, decision& d) const {
  auto found = own_user(d, m.user_id);
  if (!found) return found.error();
  for (const auto* p : d.of<user_profile_row>().where<&user_profile_row::user_id>(m.user_id)) {
    d.of<user_profile_row>().erase(p->profile_id);
  }
  for (const auto* s : d.of<session_row>().where<&session_row::user_id>(m.user_id)) {
    d.of<session_row>().erase(s->family);
  }
  d.of<user_row>().erase(m.user_id);
  d.emit(m.user_id, user_deleted{m.user_id});
  return kernel::nothing{};
}

void user_service::needs(const set_role& m, need_list& list, const records&) const {
  list.add<&user_row::user_id>(m.user_id);
}

result<user_view> user_service::decide(const set_role& m, decision& d) const {
  if (!is_admin(d.context) || !d.of<user_row>().find(m.user_id)) return not_found("user");
  if (d.context.who.is_user() && d.context.who.user == m.user_id) {
    return conflict("own_role", "Nobody changes their own role: ask another admin.");
  }
  auto& u = d.of<user_row>().edit(m.user_id);
  if (u.role != m.role) {
    u.role = m.role;
    u.updated_at = d.now;
  }
  return view_of(u);
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
    return problem{422,
                   "too_many_addresses",
                   "A user has at most " + std::to_string(addresses_max) + " addresses.",
                   {}};
  }
  d.of<user_row>().edit(m.user_id);  // Two that add the last one at the same moment must collide.
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
  d.of<user_profile_row>().erase(m.profile_id);
  return kernel::nothing{};
}

void user_service::needs(const forget_sessions& m, need_list& list, const records&) const {
  for (auto family : m.families) list.add<&session_row::family>(family);
}

result<kernel::nothing> user_service::decide(const forget_sessions& m, decision& d) const {
  for (auto family : m.families) {
    // It may have been refreshed since the sweep saw it.
    const auto* s = d.of<session_row>().find(family);
    if (s && s->expires_at <= d.now) d.of<session_row>().erase(family);
  }
  return kernel::nothing{};
}

result<find_credentials::answer> user_service::read(const find_credentials& q, const call_context&,
                                                    db::connection& c) const {
  auto found =
      q.user_id ? read_user(c, *q.user_id) : read_user_by_login(c, text::fold(text::trim(q.login)));
  if (!found) return find_credentials::answer{};
  return find_credentials::answer{true, found->user_id, std::move(found->hashed_password),
                                  std::move(found->username), std::move(found->email)};
}

result<user_view> user_service::read(const get_user& q, const call_context& context,
                                     db::connection& c) const {
  if (!is_self(context, q.user_id) && !context.who.is_staff()) return not_found("user");
  auto found = read_user(c, q.user_id);
  if (!found) return not_found("user");
  return view_of(*found);
}

result<user_page> user_service::read(const list_users_query& q, const call_context& context,
                                     db::connection& c) const {
  if (!is_system(context) && !context.who.is_staff()) return not_found("list");
  user_filter filter{q.role, q.before, static_cast<std::size_t>(q.limit) + 1};
  auto found = list_users(c, filter);
  user_page page;
  if (found.size() > static_cast<std::size_t>(q.limit)) {
    found.pop_back();
    page.next_cursor.value = found.back().user_id.str();
  }
  for (const auto& u : found) page.data.push_back(view_of(u));
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
  return get_contact::answer{found->email, found->first_name + " " + found->last_name};
}

kernel::due_work user_service::due(db::connection& c, timestamp now, bool) const {
  kernel::due_work work;
  auto families = expired_sessions(c, now, forget_at_once);
  if (!families.empty()) {
    work.commands.push_back(kernel::any_message::of(forget_sessions{std::move(families)}));
  }
  return work;
}

}  // namespace stoa::user
