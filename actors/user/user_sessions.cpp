// Sessions: logins, refresh tokens, and the revocation of access tokens.

#include "actors/user/user_sessions.hpp"

#include "actors/user/user_rights.hpp"
#include "storage/user/user_store.hpp"

#include <algorithm>

namespace stoa::user {

namespace {

/// Added to a token's lifetime for the retention of its revocation, as the nodes' clocks differ.
constexpr microseconds clock_margin = std::chrono::minutes{2};

session_view view_of(const session_row& s, const user_row& u) {
  return {s.family, s.user_id, u.role, s.generation, s.expires_at, s.epoch};
}

}  // namespace

std::int64_t revocation_shard_of(stoa::user_id id) {
  return id.value.bytes.back() % static_cast<std::int64_t>(revocation_shards);
}

void needs_sessions(stoa::user_id id, user_service::need_list& list) {
  list.add<&session_row::user_id>(id);
  list.add<&revocation_counter_row::shard>(revocation_shard_of(id));
}

std::vector<const session_row*> live_sessions(user_service::decision& d, stoa::user_id id) {
  auto all = d.of<session_row>().where<&session_row::user_id>(id);
  std::erase_if(all, [](const session_row* s) { return s->revoked_at.has_value(); });
  return all;
}

/// Revokes the session's access tokens with epochs below `epoch` on all nodes.
void user_service::revoke(decision& d, const session_row& s, std::int64_t epoch) const {
  auto& counters = d.of<revocation_counter_row>();
  const auto shard = revocation_shard_of(s.user_id);
  auto& counter = counters.find(shard) ? counters.edit(shard) : counters.insert({shard, 0, 0});
  ++counter.last_seq;
  d.of<revocation_row>().insert({counter.shard, counter.last_seq, s.family, epoch,
                                 d.now + options_.access_ttl + clock_margin});
}

/// Revokes the user's sessions, refresh tokens and access tokens, except `kept`.
void user_service::end_sessions(decision& d, stoa::user_id id,
                                std::optional<stoa::session_id> kept) const {
  for (const auto* s : live_sessions(d, id)) {
    if (kept == s->family) continue;
    d.of<session_row>().edit(s->family).revoked_at = d.now;
    revoke(d, *s, ended_epoch);
  }
}

/// Makes room for one more session of the user.
void user_service::drop_surplus_sessions(decision& d, stoa::user_id id) const {
  auto sessions = d.of<session_row>().where<&session_row::user_id>(id);
  if (sessions.size() < sessions_max) return;
  std::sort(sessions.begin(), sessions.end(), [](const auto* a, const auto* b) {
    return std::tie(a->rotated_at, a->family) < std::tie(b->rotated_at, b->family);
  });
  std::size_t surplus = sessions.size() - sessions_max + 1;
  for (std::size_t i = 0; i < surplus; ++i) {
    if (!sessions[i]->revoked_at) revoke(d, *sessions[i], ended_epoch);
    d.of<session_row>().erase(sessions[i]->family);
  }
}

void user_service::needs(const start_session& m, need_list& list, const records&) const {
  list.add<&user_row::user_id>(m.user_id);
  needs_sessions(m.user_id, list);
}

result<session_view> user_service::decide(const start_session& m, decision& d) const {
  const auto* u = d.of<user_row>().find(m.user_id);
  if (!u || u->hashed_password != m.hashed_password) {
    return problem{problem_kind::unauthenticated,
                   "invalid_credentials",
                   "The login or the password is wrong.",
                   {}};
  }
  // Always saved: a concurrent password change or login must conflict, since both have read the
  // user's sessions.
  auto& seen = d.of<user_row>().edit(m.user_id);
  if (m.rehashed) seen.hashed_password = *m.rehashed;
  drop_surplus_sessions(d, m.user_id);
  const auto& s = d.of<session_row>().insert({d.new_secret_id<stoa::session_id>(), m.user_id, 1,
                                              d.now, d.now + options_.refresh_ttl, std::nullopt,
                                              d.now, m.user_agent, 0, 0});
  return view_of(s, *u);
}

void user_service::needs(const rotate_session& m, need_list& list, const records& loaded) const {
  list.add<&session_row::family>(m.family);
  if (const auto* s = loaded.of<session_row>().find(m.family)) {
    list.add<&user_row::user_id>(s->user_id);
    list.add<&revocation_counter_row::shard>(revocation_shard_of(s->user_id));
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
  revoke(d, *found, ended_epoch);
  return rotation{rotation_outcome::reused, std::nullopt};
}

void user_service::needs(const end_session& m, need_list& list, const records& loaded) const {
  list.add<&session_row::family>(m.family);
  if (const auto* s = loaded.of<session_row>().find(m.family)) {
    list.add<&revocation_counter_row::shard>(revocation_shard_of(s->user_id));
  }
}

result<kernel::nothing> user_service::decide(const end_session& m, decision& d) const {
  const auto* s = d.of<session_row>().find(m.family);
  if (!s) return kernel::nothing{};
  if (!s->revoked_at) revoke(d, *s, ended_epoch);
  d.of<session_row>().erase(m.family);
  return kernel::nothing{};
}

kernel::gathered<check_session::answer> user_service::gather(const check_session& q,
                                                             const kernel::call_context&,
                                                             db::gathering& all) const {
  return [found = ask_session(all, q.family),
          epoch = q.epoch](db::connection&) -> result<check_session::answer> {
    if (found->empty()) return check_session::answer{};
    const auto& s = found->front();
    return check_session::answer{!s.revoked_at && epoch >= s.epoch};
  };
}

kernel::gathered<revocations_query::answer> user_service::gather(
    const revocations_query& q, const kernel::call_context& context, db::gathering& all) const {
  return [counters = ask_revocation_counters(all), &q,
          &context](db::connection& c) -> result<revocations_query::answer> {
    if (!is_system(context)) return not_found("list");
    revocations_query::answer a;
    a.seen.resize(revocation_shards);
    for (const auto& counter : *counters) {
      const auto i = static_cast<std::size_t>(counter.shard);
      auto& seen = a.seen.at(i);
      // A higher number means that the database was restored meanwhile: start over.
      seen = i < q.seen.size() && q.seen[i] <= counter.last_seq ? q.seen[i] : 0;
      if (seen == counter.last_seq) continue;
      const auto room = revocations_at_once_max - a.revoked.size();
      for (const auto& r : revocations_after(c, counter.shard, seen, room)) {
        a.revoked.push_back({r.family, r.epoch, r.forget_at});
        seen = r.seq;
      }
      if (a.revoked.size() < revocations_at_once_max) {
        seen = std::max(seen, counter.last_seq);
      } else {
        a.more = true;
      }
    }
    return a;
  };
}

std::vector<const kernel::expiry*> user_service::expiring() {
  return {&expired_sessions, &expired_revocations, &expired_verifications};
}

kernel::due_work user_service::due(db::connection& c, timestamp, bool starting) const {
  kernel::due_work work;
  add_old_mail_keys(work, c, starting);
  return work;
}

}  // namespace stoa::user
