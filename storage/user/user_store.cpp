#include "storage/user/user_store.hpp"

#include "storage/base/identity.hpp"

namespace stoa::user {

namespace {

const std::string user_columns = db::column_list<user_row>();

const db::sql by_id{"read user", "SELECT " + user_columns + " FROM users WHERE user_id=$1"};
const db::sql by_username{"read user by name",
                          "SELECT " + user_columns + " FROM users WHERE username_folded=$1"};
const db::sql by_email{"read user by mail",
                       "SELECT " + user_columns + " FROM users WHERE email_folded IN ($1,$2)"};
const std::string old_keys_text =
    "SELECT " + db::column_list<old_mail_key_row>() + " FROM outdated_mail_keys";
const db::sql all_old_keys{"all old mail keys", old_keys_text + " ORDER BY user_id LIMIT $1"};
const db::sql open_old_keys{"old mail keys",
                            old_keys_text + " WHERE reported=0 ORDER BY user_id LIMIT $1"};
const db::sql other_letters{
    "email addresses of other letters than ASCII",
    "SELECT user_id, email, email_folded FROM other_letters o WHERE NOT"
    " EXISTS (SELECT 1 FROM outdated_mail_keys k WHERE k.user_id=o.user_id)"};
struct user_statements {
  db::sql list;  ///< the last parameter is the limit
  db::sql count;
};
/// `condition` uses parameters from $2.
user_statements statements_of(const std::string& condition, int parameters) {
  const std::string from = " FROM users WHERE user_id<$1" + condition;
  return {{"list users", "SELECT " + user_columns + from + " ORDER BY user_id DESC LIMIT $" +
                             std::to_string(parameters + 2)},
          {"count users", "SELECT count(*)" + from}};
}
const user_statements all_users = statements_of("", 0);
const user_statements users_by_role = statements_of(" AND role=$2", 1);
const user_statements users_by_email =
    statements_of(" AND (role=$2 OR $2 IS NULL) AND email_folded IN ($3,$4)", 3);

const user_statements& statements_for(const user_filter& filter, std::vector<db::value>& values) {
  if (filter.email_keys) {
    db::write_column(filter.role, values);
    db::write_column(filter.email_keys->first, values);
    db::write_column(filter.email_keys->second, values);
    return users_by_email;
  }
  if (!filter.role) return all_users;
  db::write_column(*filter.role, values);
  return users_by_role;
}

const db::sql profiles{"read user profiles", "SELECT " + db::column_list<user_profile_row>() +
                                                 " FROM user_profiles WHERE user_id=$1"
                                                 " ORDER BY profile_id"};
const db::sql counters{"read revocation counters",
                       "SELECT " + db::column_list<revocation_counter_row>() +
                           " FROM revocation_counters WHERE shard>=$1 ORDER BY shard"};
const db::sql after{"read revocations", "SELECT " + db::column_list<revocation_row>() +
                                            " FROM revocations WHERE shard=$1 AND seq>$2"
                                            " ORDER BY seq LIMIT $3"};
stoa::user_id last_user() {
  stoa::user_id last{};
  last.value.bytes.fill(0xFF);
  return last;
}

std::optional<user_row> first_of(std::vector<user_row> found) {
  if (found.empty()) return std::nullopt;
  return std::move(found.front());
}

}  // namespace

std::optional<user_row> read_user(db::connection& c, stoa::user_id id) {
  return first_of(db::select<user_row>(c, by_id, db::params(id)));
}

std::optional<user_row> read_user_by_name(db::connection& c, const std::string& folded) {
  return first_of(db::select<user_row>(c, by_username, db::params(folded)));
}

std::vector<user_row> read_users_by_mail(db::connection& c, const std::string& key,
                                         const std::string& other_key) {
  return db::select<user_row>(c, by_email, db::params(key, other_key));
}

std::vector<old_mail_key_row> outdated_mail_keys(db::connection& c, bool all, std::size_t limit) {
  return db::select<old_mail_key_row>(c, all ? all_old_keys : open_old_keys,
                                      db::params(static_cast<std::int64_t>(limit)));
}

std::vector<stoa::user_id> users_with_other_keys(db::connection& c, std::size_t limit) {
  std::vector<stoa::user_id> found;
  c.query({&other_letters, {}}, [&](db::row r) {
    if (found.size() == limit) return;
    const auto& [id, email, key] =
        std::tie(std::get<uuid>(r[0]), std::get<std::string>(r[1]), std::get<std::string>(r[2]));
    if (text::mail_key(email) != key) found.push_back({id});
  });
  return found;
}

std::vector<user_row> list_users(db::connection& c, const user_filter& filter) {
  auto values = db::params(filter.before.value_or(last_user()));
  const auto& what = statements_for(filter, values);
  values.emplace_back(static_cast<std::int64_t>(filter.limit));
  return db::select<user_row>(c, what.list, std::move(values));
}

std::int64_t count_users(db::connection& c, const user_filter& filter) {
  auto values = db::params(last_user());
  const auto& what = statements_for(filter, values);
  std::int64_t total = 0;
  c.query({&what.count, std::move(values)},
          [&](db::row r) { total = std::get<std::int64_t>(r[0]); });
  return total;
}

std::vector<user_profile_row> profiles_of_user(db::connection& c, stoa::user_id id) {
  return db::select<user_profile_row>(c, profiles, db::params(id));
}

db::gathering::found<revocation_counter_row> ask_revocation_counters(db::gathering& all) {
  return all.ask<revocation_counter_row>(counters, db::params(std::int64_t{0}));
}

db::gathering::found<session_row> ask_session(db::gathering& all, stoa::session_id family) {
  return all.ask<session_row>(db::select_by<&session_row::family>(), db::params(family));
}

std::vector<revocation_row> revocations_after(db::connection& c, std::int64_t shard,
                                              std::int64_t seen, std::size_t limit) {
  return db::select<revocation_row>(c, after,
                                    db::params(shard, seen, static_cast<std::int64_t>(limit)));
}

const kernel::expiry expired_sessions = kernel::expiry_of("sessions", "family", "expires_at");
const kernel::expiry expired_revocations =
    kernel::expiry_of("revocations", "shard,seq", "forget_at");
const kernel::expiry expired_verifications =
    kernel::expiry_of("verifications", "verification_id", "expires_at");

}  // namespace stoa::user
