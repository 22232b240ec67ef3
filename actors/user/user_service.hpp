#pragma once
// The User service: accounts, addresses, sessions. Pure functions over its records.

#include "actors/kernel/decision.hpp"
#include "actors/kernel/gathered.hpp"
#include "actors/user/user_events.hpp"
#include "actors/user/user_messages.hpp"
#include "storage/kernel/expiry.hpp"

#include <limits>

namespace stoa {
struct settings;
}

namespace stoa::user {

struct user_options {
  microseconds refresh_ttl = seconds{2'592'000};  ///< of a session, from its last refresh
  /// How long a used refresh token may be used again, as its answer may have been lost.
  microseconds retry_window = seconds{60};
  microseconds access_ttl = seconds{600};  ///< of an access token
  microseconds verification_ttl = seconds{3600};
};

/// The minimum epoch of valid tokens of an ended session: none is valid.
inline constexpr std::int64_t ended_epoch = std::numeric_limits<std::int64_t>::max();
/// Maximum revocations in one answer; the next answer has the rest.
inline constexpr std::size_t revocations_at_once_max = 2048;

class user_service {
 public:
  static constexpr std::string_view name = "user";
  using records = user_records;
  using commands = boost::mp11::mp_list<register_user, start_session, rotate_session, end_session,
                                        change_password, update_user, delete_account, set_role,
                                        annotate_user, add_address, replace_address, remove_address,
                                        request_registration, verify_address, renew_mail_key>;
  using subscriptions = boost::mp11::mp_list<>;
  using events = boost::mp11::mp_list<user_deleted, contact_changed, account_mail>;
  using queries =
      boost::mp11::mp_list<find_credentials, get_user, get_users, list_users_query, list_addresses,
                           get_address, get_contact, check_session, revocations_query>;
  using need_list = db::need_list<records>;
  using decision = kernel::decision<records>;

  explicit user_service(user_options options) : options_(options) {}

  void needs(const register_user&, need_list&, const records&) const;
  void needs(const start_session&, need_list&, const records&) const;
  void needs(const rotate_session&, need_list&, const records&) const;
  void needs(const end_session&, need_list&, const records&) const;
  void needs(const change_password&, need_list&, const records&) const;
  void needs(const update_user&, need_list&, const records&) const;
  void needs(const delete_account&, need_list&, const records&) const;
  void needs(const set_role&, need_list&, const records&) const;
  void needs(const annotate_user&, need_list&, const records&) const;
  void needs(const add_address&, need_list&, const records&) const;
  void needs(const replace_address&, need_list&, const records&) const;
  void needs(const remove_address&, need_list&, const records&) const;
  void needs(const request_registration&, need_list&, const records&) const;
  void needs(const verify_address&, need_list&, const records&) const;
  void needs(const renew_mail_key&, need_list&, const records&) const;

  result<user_view> decide(const register_user&, decision&) const;
  result<session_view> decide(const start_session&, decision&) const;
  result<rotation> decide(const rotate_session&, decision&) const;
  result<kernel::nothing> decide(const end_session&, decision&) const;
  result<kernel::nothing> decide(const change_password&, decision&) const;
  result<user_view> decide(const update_user&, decision&) const;
  result<kernel::nothing> decide(const delete_account&, decision&) const;
  result<user_view> decide(const set_role&, decision&) const;
  result<user_view> decide(const annotate_user&, decision&) const;
  result<address_view> decide(const add_address&, decision&) const;
  result<address_view> decide(const replace_address&, decision&) const;
  result<kernel::nothing> decide(const remove_address&, decision&) const;
  result<kernel::nothing> decide(const request_registration&, decision&) const;
  result<user_view> decide(const verify_address&, decision&) const;
  result<kernel::nothing> decide(const renew_mail_key&, decision&) const;

  result<find_credentials::answer> read(const find_credentials&, const kernel::call_context&,
                                        db::connection&) const;
  result<user_view> read(const get_user&, const kernel::call_context&, db::connection&) const;
  result<user_page> read(const list_users_query&, const kernel::call_context&,
                         db::connection&) const;
  result<address_page> read(const list_addresses&, const kernel::call_context&,
                            db::connection&) const;
  result<address_view> read(const get_address&, const kernel::call_context&, db::connection&) const;
  result<get_contact::answer> read(const get_contact&, const kernel::call_context&,
                                   db::connection&) const;
  kernel::gathered<user_page> gather(const get_users&, const kernel::call_context&,
                                     db::gathering&) const;
  kernel::gathered<check_session::answer> gather(const check_session&, const kernel::call_context&,
                                                 db::gathering&) const;
  kernel::gathered<revocations_query::answer> gather(const revocations_query&,
                                                     const kernel::call_context&,
                                                     db::gathering&) const;

  static std::vector<const kernel::expiry*> expiring();
  kernel::due_work due(db::connection&, timestamp now, bool starting) const;

 private:
  static void add_old_mail_keys(kernel::due_work&, db::connection&, bool starting);
  void ask_to_confirm(decision&, verification_row) const;
  result<user_view> make_account(decision&, const verification_row&) const;
  result<user_view> change_address(decision&, const verification_row&) const;
  void revoke(decision&, const session_row&, std::int64_t epoch) const;
  void end_sessions(decision&, stoa::user_id, std::optional<stoa::session_id> kept) const;
  void drop_surplus_sessions(decision&, stoa::user_id) const;

  user_options options_;
};

/// The options from the settings.
user_options options_of(const settings& all);
/// The service's definition; in a separate file because the generic code is slow to compile.
kernel::service_definition definition_of(const user_service& service);

}  // namespace stoa::user
