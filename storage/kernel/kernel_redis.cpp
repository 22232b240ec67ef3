#include "storage/kernel/kernel_redis.hpp"

#include "storage/db/redis_handlers.hpp"
#include "storage/kernel/expiry.hpp"
#include "storage/kernel/kernel_records.hpp"

#include <algorithm>

namespace stoa::kernel {

namespace {

using db::error_kind;
using db::redis_answer;
using db::redis_command;
using db::redis_form;
using db::redis_records;
using db::redis_rows;
using db::redis_save;
using db::redis_writes;
using db::statement;

constexpr std::int64_t fields_of_partition = 5;
constexpr std::size_t id_length = 36;

/// KEYS: partitions; ARGV: how many fields each one has.
constexpr const char* all_partitions = R"lua(#!lua flags=no-writes
local rows = {}
for partition = 0, redis.call('HLEN', KEYS[1]) / ARGV[1] - 1 do
  rows[#rows + 1] = tostring(partition)
  for _, field in ipairs({':owner', ':epoch', ':last_seq', ':batches', ':beat'}) do
    rows[#rows + 1] = redis.call('HGET', KEYS[1], partition .. field)
  end
end
return rows
)lua";

/// KEYS: inbox:<source>, inbox; ARGV: the first number, the number behind the last one, how many
/// rows, applied before this time. Returns the numbers of what it has deleted.
constexpr const char* delete_expired_inbox = R"lua(#!lua
local deleted = {}
for _, member in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], ARGV[1], '(' .. ARGV[2],
                                   'LIMIT', 0, ARGV[3])) do
  local seq, applied_at, id = string.match(member, '^(%-?%d+):(%-?%d+):(.*)$')
  if tonumber(applied_at) < tonumber(ARGV[4]) then
    redis.call('HDEL', KEYS[2], id)
    redis.call('ZREM', KEYS[1], member)
    deleted[#deleted + 1] = seq
  end
end
return deleted
)lua";

/// Writes on the condition that the epoch, which `get` reads, is the parameter.
db::redis_asker if_epoch(const redis_command& get, const redis_command& epoch,
                         std::vector<redis_command> forms) {
  return [=, writes = redis_writes(std::move(forms))](const statement& s) {
    db::redis_changes changes;
    changes.expect(redis_bound(s, get), redis_bound(s, epoch)[0], error_kind::stale, s.what->name);
    writes(s, changes);
    return changes.take();
  };
}

void save_partition(const std::string& key, const statement& s, db::redis_changes& changes) {
  const auto batches_before = std::get<std::int64_t>(s.params.at(3)) - 1;
  changes.expect(redis_bound(s, {"HGET", key, "$1:epoch"}), redis_bound(s, {"$2"})[0],
                 error_kind::stale, s.what->name);
  // As the batch before has left it.
  changes.expect(redis_bound(s, {"HGET", key, "$1:batches"}), std::to_string(batches_before),
                 error_kind::stale, s.what->name);
  changes.write(redis_bound(s, {"HSET", key, "$1:last_seq", "$3", "$1:batches", "$4"}));
  changes.write(redis_bound(s, {"HINCRBY", key, "$1:beat", "1"}));
}

void add_partitions(db::redis_handlers& on, const std::string& key) {
  on.queries["count partitions"] = {redis_form({"HLEN", key}),
                                    [](const statement&, const redis_answer& a, const auto& sink) {
                                      db::value count = a.integer / fields_of_partition;
                                      sink({&count, 1});
                                    }};
  on.queries["read partitions"] = {
      redis_form({"EVAL", all_partitions, "1", key, std::to_string(fields_of_partition)}),
      redis_rows("itiiii")};
  on.queries["take partition"] = {
      if_epoch({"HGET", key, "$2:epoch"}, {"$3"},
               {{"HSET", key, "$2:owner", "$1"},
                {"HINCRBY", key, "$2:epoch", "1"},
                {"HINCRBY", key, "$2:beat", "1"},
                {"HMGET", key, "$2:epoch", "$2:last_seq", "$2:batches"}}),
      [](const statement& s, const redis_answer& a, const auto& sink) {
        if (a.items.at(0).text.empty()) redis_rows("iii")(s, a.items.at(1), sink);
      }};
  on.queries["release partition"] = {
      if_epoch({"HGET", key, "$1:epoch"}, {"$2"}, {{"HSET", key, "$1:owner", ""}}), redis_rows("")};
  // One that is there already stays as it is.
  on.changes["insert partition"] = redis_writes({{"HSETNX", key, "$1:owner", ""},
                                                 {"HSETNX", key, "$1:epoch", "$2"},
                                                 {"HSETNX", key, "$1:last_seq", "$3"},
                                                 {"HSETNX", key, "$1:batches", "0"},
                                                 {"HSETNX", key, "$1:beat", "0"}});
  on.changes["save partition"] = [key](const statement& s, db::redis_changes& changes) {
    save_partition(key, s, changes);
  };
}

void add_store(db::redis_handlers& on, const std::string& prefix) {
  on.queries["read clock"] = {redis_form({"TIME"}), redis_rows("ii")};
  for (const std::string name : {"member", "setting"}) {
    const auto key = prefix + name + "s";
    on.queries["read " + name + "s"] = {redis_form({"HGETALL", key}), redis_rows("tt")};
    on.queries["add " + name] = {redis_form({"HSETNX", key, "$1", "$2"}), redis_rows("")};
    on.queries["forget " + name + "s"] = {redis_form({"DEL", key}), redis_rows("")};
  }
  const auto identity = prefix + "identity";
  on.queries["read identity"] = {redis_form({"GET", identity}), redis_rows("u")};
  on.queries["add identity"] = {redis_form({"SET", identity, "$1", "NX"}), redis_rows("")};
}

void add_outbox(db::redis_handlers& on, const std::string& key) {
  on.changes["insert outbox"] =
      redis_save<outbox_row>({"ZCOUNT", key + ":$1", "$2", "$2"}, error_kind::unique, "outbox.seq",
                             {{"ZADD", key + ":$1", "$2", "$0"}});
  on.queries["read outbox"] = {
      redis_form({"ZRANGEBYSCORE", key + ":$1", "($2", "+inf", "LIMIT", "0", "$3"}),
      redis_records<outbox_row>()};
  on.changes["delete outbox"] = redis_writes({{"ZREMRANGEBYSCORE", key + ":$1", "$2", "$3"}});
}

/// The last number among the members "<seq>:<time>:<event id>", which come by number, whose id is
/// below the third parameter; 0: there is none.
void emit_applied_beyond(const statement& s, const redis_answer& a, const db::redis_sink& sink) {
  const auto below = redis_bound(s, {"$3"})[0];
  redis_answer last{redis_answer::type::text, 0, "0", {}};
  for (const auto& member : a.items) {
    if (member.text.substr(member.text.rfind(':') + 1) >= below) continue;
    last.text = member.text.substr(0, member.text.find(':'));
  }
  redis_rows("i")(s, last, sink);
}

void add_inbox(db::redis_handlers& on, const std::string& key) {
  const auto by_source = key + ":";
  on.changes["insert inbox"] = redis_save<inbox_row>(
      {"HEXISTS", key, "$1"}, error_kind::unique, "inbox.event_id",
      {{"HSET", key, "$1", "$0"}, {"ZADD", by_source + "$2", "$3", "$3:$4:$1"}});
  on.queries["load inbox by event_id"] = {redis_form({"HGET", key, "$1"}),
                                          redis_records<inbox_row>()};
  on.queries["last applied event"] = {
      redis_form({"ZREVRANGE", by_source + "$1", "0", "0", "WITHSCORES"}), redis_rows("-i")};
  on.queries["applied beyond"] = {
      redis_form({"ZRANGEBYSCORE", by_source + "$1", "($2", "+inf", "LIMIT", "0", "4096"}),
      &emit_applied_beyond};
  on.queries[expired_inbox.any.name] = {redis_form({"EVAL", delete_expired_inbox, "2",
                                                    by_source + "$4", key, "$1", "$2", "$3", "$5"}),
                                        redis_rows("i")};
}

void add_idempotency(db::redis_handlers& on, const std::string& key, microseconds ttl) {
  const auto life = std::max(milliseconds{1}, std::chrono::ceil<milliseconds>(ttl));
  on.changes["insert idempotency"] =
      redis_save<idempotency_row>({"EXISTS", key + ":$1"}, error_kind::unique, "idempotency.scope",
                                  {{"SET", key + ":$1", "$0", "PX", std::to_string(life.count())}});
  on.queries["load idempotency by scope"] = {redis_form({"GET", key + ":$1"}),
                                             redis_records<idempotency_row>()};
  // Redis expires them itself.
  on.queries[expired_answers.any.name] = {redis_form({}), redis_rows("")};
}

/// A member is the event's id and its record: all that start with the id are from "[id" to "[id~".
void add_dead_letters(db::redis_handlers& on, const std::string& key) {
  const auto columns = db::shape_of<dead_letter_row>(db::record_operation::update).columns;
  const auto from = "[$" + std::to_string(columns.size());  // The key is an update's last.
  on.changes["insert dead_letter"] =
      redis_save<dead_letter_row>({"ZLEXCOUNT", key, "[$1", "[$1~"}, error_kind::unique,
                                  "dead_letter.event_id", {{"ZADD", key, "0", "$1$0"}});
  on.changes["update dead_letter"] = redis_save<dead_letter_row>(
      {"ZLEXCOUNT", key, from, from + "~"}, error_kind::stale, "update dead_letter",
      {{"ZREMRANGEBYLEX", key, from, from + "~"}, {"ZADD", key, "0", from.substr(1) + "$0"}});
  on.changes["delete dead_letter"] = redis_writes({{"ZREMRANGEBYLEX", key, "[$1", "[$1~"}});
  on.queries["load dead_letter by event_id"] = {redis_form({"ZRANGEBYLEX", key, "[$1", "[$1~"}),
                                                redis_records<dead_letter_row>(id_length)};
  on.queries["list dead letters"] = {
      redis_form({"ZREVRANGEBYLEX", key, "($1", "-", "LIMIT", "0", "$2"}),
      redis_records<dead_letter_row>(id_length)};
  on.queries["count dead letters"] = {redis_form({"ZCARD", key}), redis_rows("i")};
}

void add_operator_actions(db::redis_handlers& on, const std::string& key) {
  redis_command action{"HSET", key + ":$1", "acted_at", "$2",     "actor",
                       "$3",   "action",    "$4",       "reason", "$5"};
  std::size_t parameter = 5;
  for (auto& column : db::shape_of<dead_letter_row>(db::record_operation::insert).columns) {
    action.push_back(std::move(column));
    action.push_back("$" + std::to_string(++parameter));
  }
  on.changes["insert operator action"] = redis_writes({std::move(action)});
}

}  // namespace

void add_redis_handlers(db::redis_handlers& handlers, const std::string& prefix,
                        microseconds idempotency_ttl) {
  add_partitions(handlers, prefix + "partitions");
  add_store(handlers, prefix);
  add_outbox(handlers, prefix + "outbox");
  add_inbox(handlers, prefix + "inbox");
  add_idempotency(handlers, prefix + "idempotency", idempotency_ttl);
  add_dead_letters(handlers, prefix + "dead_letter");
  add_operator_actions(handlers, prefix + "operator_action");
}

}  // namespace stoa::kernel
