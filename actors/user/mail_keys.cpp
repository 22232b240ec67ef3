// The comparison keys of email addresses, and the accounts of earlier versions, whose keys are the
// full case folding of the whole address. The sweep recomputes them after the start; until then,
// and if another account has the key, a user is found by the exact address.

#include "actors/user/user_accounts.hpp"
#include "config/log.hpp"
#include "storage/base/identity.hpp"
#include "storage/base/text.hpp"
#include "storage/user/user_store.hpp"

#include <algorithm>

namespace stoa::user {

namespace {

/// Keys renewed in one sweep.
constexpr std::size_t renewed_at_once = 256;

}  // namespace

std::optional<user_row> user_of_login(db::connection& c, const std::string& login) {
  if (login.find('@') == std::string::npos) return read_user_by_name(c, text::fold(login));
  const auto key = text::mail_key(login);
  const auto old_key = text::fold(login);
  auto found = read_users_by_mail(c, key, old_key);
  const auto is_written_so = [&](const user_row& u) { return text::same_letters(u.email, login); };
  auto best = std::ranges::find_if(found, is_written_so);
  if (best == found.end()) {
    best = std::ranges::find_if(found,
                                [&](const user_row& u) { return text::mail_key(u.email) == key; });
  }
  if (best == found.end()) return std::nullopt;
  return std::move(*best);
}

void user_service::needs(const renew_mail_key& m, need_list& list, const records& loaded) const {
  list.add<&user_row::user_id>(m.user_id);
  list.add<&old_mail_key_row::user_id>(m.user_id);
  if (const auto* u = loaded.of<user_row>().find(m.user_id)) {
    list.add<&user_row::email_folded>(text::mail_key(u->email));
  }
}

result<kernel::nothing> user_service::decide(const renew_mail_key& m, decision& d) const {
  auto& old_keys = d.of<old_mail_key_row>();
  const auto* u = d.of<user_row>().find(m.user_id);
  if (!u) {
    old_keys.erase(m.user_id);
    return kernel::nothing{};
  }
  const auto key = text::mail_key(u->email);
  const auto* owner = d.of<user_row>().find_by<&user_row::email_folded>(key);
  if (owner && owner->user_id != m.user_id) {
    if (!old_keys.find(m.user_id)) old_keys.insert({m.user_id, std::nullopt, false});
    auto& old = old_keys.edit(m.user_id);
    old.taken_by = owner->user_id;
    old.reported = m.reported;
    return kernel::nothing{};
  }
  if (u->email_folded != key) d.of<user_row>().edit(m.user_id).email_folded = key;
  old_keys.erase(m.user_id);
  return kernel::nothing{};
}

/// Each key is tried once, and again at each start, as the account that has it may have been
/// deleted. A start also finds the accounts that nodes of an earlier version stored after the
/// migration.
void user_service::add_old_mail_keys(kernel::due_work& work, db::connection& c, bool starting) {
  for (const auto& old : outdated_mail_keys(c, starting, renewed_at_once)) {
    if (old.taken_by && !old.reported) {
      log::warn("two accounts have the same email address in different spellings",
                {{"user_id", old.user_id.str()}, {"other_user_id", old.taken_by->str()}});
    }
    work.commands.push_back(
        kernel::any_message::of(renew_mail_key{old.user_id, old.taken_by.has_value()}));
  }
  if (!starting) return;
  for (const auto& id : users_with_other_keys(c, renewed_at_once)) {
    work.commands.push_back(kernel::any_message::of(renew_mail_key{id, false}));
  }
}

}  // namespace stoa::user
