// Confirmation of email addresses by their owners, so that neither a registration nor a change of
// address reveals which addresses have an account.

#include "actors/user/user_accounts.hpp"
#include "actors/user/user_rights.hpp"
#include "storage/base/contact.hpp"
#include "storage/base/identity.hpp"
#include "storage/base/text.hpp"
#include "storage/user/user_store.hpp"

#include <algorithm>

namespace stoa::user {

namespace {

problem invalid_token() {
  return invalid_field("/token", "invalid_token",
                       "This token is unknown, expired or already used.");
}

}  // namespace

user_view view_of(const user_row& u) {
  return {u.user_id, u.username,   u.email,      u.first_name, u.last_name, u.phone_number,
          u.role,    u.created_at, u.updated_at, std::nullopt, u.locale};
}

user_view view_for(const kernel::call_context& context, const user_row& u) {
  auto view = view_of(u);
  if (is_system(context) || context.who.is_staff()) {
    view.metadata = u.metadata;
    view.groups = u.customer_groups;
  }
  return view;
}

std::optional<problem> check_unique_names(user_service::decision& d, stoa::user_id self,
                                          const std::string* username, const std::string* email) {
  auto& users = d.of<user_row>();
  const auto* same_name = username ? users.find_by<&user_row::username_folded>(*username) : nullptr;
  const auto* same_mail = email ? users.find_by<&user_row::email_folded>(*email) : nullptr;
  bool name_taken = same_name && same_name->user_id != self;
  bool mail_taken = same_mail && same_mail->user_id != self;
  if (!name_taken && !mail_taken) return std::nullopt;
  problem p = name_taken
                  ? conflict("username_taken", "This user name is taken.")
                  : conflict("email_taken", "This email address belongs to another account.");
  if (name_taken) p.errors.push_back({"/username", "username_taken", "This user name is taken."});
  if (mail_taken) {
    p.errors.push_back({"/email", "email_taken", "This email address belongs to another account."});
  }
  return p;
}

/// Sends a mail to the address: with a token, or with a notice if another account has the address.
/// Both write a row and an event, so that they take the same time and count alike towards the
/// limit.
void user_service::ask_to_confirm(decision& d, verification_row asked) const {
  asked.email_folded = text::mail_key(asked.email);
  const auto open =
      d.of<verification_row>().where<&verification_row::email_folded>(asked.email_folded);
  const auto still =
      std::count_if(open.begin(), open.end(), [&](const auto* v) { return v->expires_at > d.now; });
  if (static_cast<std::size_t>(still) >= verifications_max) return;
  asked.verification_id = d.new_secret_id<verification_id>();
  asked.created_at = d.now;
  asked.expires_at = d.now + options_.verification_ttl;
  account_mail mail{asked.purpose, asked.email, asked.first_name, asked.verification_id,
                    asked.locale};
  const auto* owner = d.of<user_row>().find_by<&user_row::email_folded>(asked.email_folded);
  if (owner && owner->user_id != asked.user_id) {
    const bool registers = asked.purpose == mail_purpose::registration;
    mail.purpose = registers ? mail_purpose::registration_known : mail_purpose::email_change_known;
    mail.first_name = owner->first_name;
    if (owner->locale) mail.locale = owner->locale;
    mail.verification_id.reset();
    // The requested data is not stored, as the request cannot succeed.
    verification_row notice;
    notice.verification_id = asked.verification_id;
    notice.purpose = mail.purpose;
    notice.email = asked.email;
    notice.email_folded = asked.email_folded;
    notice.created_at = asked.created_at;
    notice.expires_at = asked.expires_at;
    asked = std::move(notice);
  }
  d.emit(asked.verification_id, mail);
  d.of<verification_row>().insert(std::move(asked));
}

void user_service::needs(const request_registration& m, need_list& list, const records&) const {
  list.add<&user_row::username_folded>(text::fold(m.username));
  list.add<&user_row::email_folded>(text::mail_key(m.email));
  list.add<&verification_row::email_folded>(text::mail_key(m.email));
}

result<kernel::nothing> user_service::decide(const request_registration& m, decision& d) const {
  const auto username = text::fold(m.username);
  if (auto taken = check_unique_names(d, {}, &username, nullptr)) return std::move(*taken);
  verification_row asked;
  asked.purpose = mail_purpose::registration;
  asked.email = m.email;
  asked.username = m.username;
  asked.hashed_password = m.hashed_password;
  asked.first_name = stored_line(m.first_name);
  asked.last_name = stored_line(m.last_name);
  asked.phone_number = stored_phone(m.phone_number);
  asked.locale = m.locale;
  ask_to_confirm(d, std::move(asked));
  return kernel::nothing{};
}

void user_service::needs(const verify_address& m, need_list& list, const records& loaded) const {
  list.add<&verification_row::verification_id>(m.verification_id);
  const auto* v = loaded.of<verification_row>().find(m.verification_id);
  if (!v) return;
  list.add<&user_row::email_folded>(text::mail_key(v->email));
  if (v->username) list.add<&user_row::username_folded>(text::fold(*v->username));
  if (v->user_id) list.add<&user_row::user_id>(*v->user_id);
}

result<user_view> user_service::decide(const verify_address& m, decision& d) const {
  const auto* found = d.of<verification_row>().find(m.verification_id);
  if (!found || found->expires_at <= d.now) return invalid_token();
  const auto asked = *found;
  auto made = asked.purpose == mail_purpose::registration   ? make_account(d, asked)
              : asked.purpose == mail_purpose::email_change ? change_address(d, asked)
                                                            : result<user_view>(invalid_token());
  if (made) d.of<verification_row>().erase(m.verification_id);
  return made;
}

result<user_view> user_service::make_account(decision& d, const verification_row& asked) const {
  user_row u;
  u.user_id = d.new_id<stoa::user_id>();
  u.username = asked.username.value_or("");
  u.username_folded = text::fold(u.username);
  u.email = asked.email;
  u.email_folded = text::mail_key(asked.email);
  if (auto taken = check_unique_names(d, u.user_id, &u.username_folded, &u.email_folded)) {
    return std::move(*taken);
  }
  u.hashed_password = asked.hashed_password.value_or("");
  u.first_name = asked.first_name.value_or("");
  u.last_name = asked.last_name.value_or("");
  u.phone_number = asked.phone_number;
  u.locale = asked.locale;
  u.created_at = u.updated_at = d.now;
  return view_of(d.of<user_row>().insert(std::move(u)));
}

result<user_view> user_service::change_address(decision& d, const verification_row& asked) const {
  const auto* found = asked.user_id ? d.of<user_row>().find(*asked.user_id) : nullptr;
  if (!found) return invalid_token();
  const auto key = text::mail_key(asked.email);
  if (auto taken = check_unique_names(d, found->user_id, nullptr, &key)) {
    return std::move(*taken);
  }
  auto& u = d.of<user_row>().edit(found->user_id);
  // A separate aggregate: the row's other event may come from another partition.
  d.emit(d.new_id<verification_id>(),
         account_mail{mail_purpose::email_changed, u.email, u.first_name, std::nullopt, u.locale});
  u.email = asked.email;
  u.email_folded = key;
  u.updated_at = d.now;
  d.emit(u.user_id, contact_changed{u.user_id, u.email, u.locale});
  return view_of(u);
}

}  // namespace stoa::user
