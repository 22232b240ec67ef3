#include "storage/kernel/kernel_redis.hpp"

#include "storage/base/uuid_time.hpp"
#include "storage/kernel/expiry.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>

namespace stoa::kernel {

namespace {

using db::redis_answer;
using db::redis_changes;
using db::redis_command;
using db::redis_param;
using db::statement;
using db::value;

using answers = std::span<redis_answer>;
using rows = std::function<void(db::row)>;

constexpr std::size_t fields_of_partition = 5;

/// KEYS: partitions; ARGV: partition, the epoch that it must have, the new owner.
const db::redis_script take_script{R"lua(#!lua
local partition = ARGV[1]
if redis.call('HGET', KEYS[1], partition .. ':epoch') ~= ARGV[2] then return {} end
redis.call('HSET', KEYS[1], partition .. ':owner', ARGV[3])
redis.call('HINCRBY', KEYS[1], partition .. ':epoch', 1)
redis.call('HINCRBY', KEYS[1], partition .. ':beat', 1)
return redis.call('HMGET', KEYS[1], partition .. ':epoch', partition .. ':last_seq', partition .. ':batches')
)lua"};

/// KEYS: partitions; ARGV: partition, the epoch that it must have.
const db::redis_script release_script{R"lua(#!lua
if redis.call('HGET', KEYS[1], ARGV[1] .. ':epoch') ~= ARGV[2] then return {} end
redis.call('HSET', KEYS[1], ARGV[1] .. ':owner', '')
return {ARGV[1]}
)lua"};

/// KEYS: dead_letters, dead_letter; ARGV: the id before which to start, how many.
const db::redis_script list_dead_letters{R"lua(#!lua flags=no-writes
local ids = redis.call('ZREVRANGEBYLEX', KEYS[1], '(' .. ARGV[1], '-', 'LIMIT', 0, ARGV[2])
local found = {}
for i, id in ipairs(ids) do found[i] = redis.call('HGET', KEYS[2], id) end
return found
)lua"};

/// KEYS: dead_letters. A list of one, as counts are read.
const db::redis_script count_dead_letters{R"lua(#!lua flags=no-writes
return {tostring(redis.call('ZCARD', KEYS[1]))}
)lua"};

/// KEYS: inbox:<source>, inbox, inbox_passed; ARGV: applied before this time, numbered below this,
/// how many. Returns the numbers of what it has deleted.
///
/// Old rows that stay because of their numbers stand before those that go, after a producer's
/// database has lost its last numbers as many as it has lost. How many of them have been passed is
/// kept for the next call, which looks behind them; after the last old row it begins again.
const db::redis_script delete_expired_inbox{R"lua(#!lua
local limit = tonumber(ARGV[3])
local passed = tonumber(redis.call('HGET', KEYS[3], KEYS[1]) or '0')
local deleted = {}
for look = 1, 4 do
  local old = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', '(' .. ARGV[1], 'LIMIT', passed,
                         limit - #deleted)
  local full = #old == limit - #deleted
  for _, member in ipairs(old) do
    local seq, id = string.match(member, '^(%-?%d+):(.*)$')
    if seq and tonumber(seq) < tonumber(ARGV[2]) then
      redis.call('HDEL', KEYS[2], id)
      redis.call('ZREM', KEYS[1], member)
      deleted[#deleted + 1] = seq
    else
      passed = passed + 1
    end
  end
  if not full then passed = 0 end
  if not full or #deleted == limit then break end
end
if passed > 0 then
  redis.call('HSET', KEYS[3], KEYS[1], passed)
else
  redis.call('HDEL', KEYS[3], KEYS[1])
end
return deleted
)lua"};

/// KEYS: inbox:<source>; ARGV: number, event id, the time of that id. A list of one, as numbers are
/// read. The latest rows of that time are looked at.
const db::redis_script applied_beyond{R"lua(#!lua flags=no-writes
local last = 0
for _, member in ipairs(redis.call('ZREVRANGEBYSCORE', KEYS[1], ARGV[3], '-inf',
                                   'LIMIT', 0, 4096)) do
  local seq, id = string.match(member, '^(%-?%d+):(.*)$')
  seq = tonumber(seq)
  if seq and seq > tonumber(ARGV[1]) and id < ARGV[2] then last = math.max(last, seq) end
end
return {string.format('%.0f', last)}
)lua"};
/// Events are applied so long after their ids were made, and more, by clocks that may differ.
constexpr microseconds applied_after = seconds{5};

value integer(const std::string& text) {
  std::int64_t n = 0;
  const auto* end = text.data() + text.size();
  if (std::from_chars(text.data(), end, n).ptr != end || text.empty()) {
    throw db::error(db::error_kind::programming, "partition",
                    "a partition in Redis cannot be read: " + text);
  }
  return n;
}

std::string int_text(const statement& s, std::size_t index) {
  return std::to_string(redis_param<std::int64_t>(s, index));
}

/// Each text among the answers is a record.
void emit_records(const statement&, answers found, const rows& sink) {
  const auto emit = [&](const redis_answer& a) {
    if (a.kind != redis_answer::type::text) return;
    auto columns = db::decode_columns(a.text);
    sink(columns);
  };
  for (const auto& a : found) {
    emit(a);
    for (const auto& item : a.items) emit(item);
  }
}

void emit_integers(const statement&, answers found, const rows& sink) {
  std::vector<value> columns;
  for (const auto& item : found[0].items) columns.push_back(integer(item.text));
  if (!columns.empty()) sink(columns);
}

/// The names of the kernel's keys.
class kernel_keys {
 public:
  explicit kernel_keys(const std::string& prefix)
      : partitions(prefix + "partitions"),
        members(prefix + "members"),
        identity(prefix + "identity"),
        settings(prefix + "settings"),
        inbox(prefix + "inbox"),
        inbox_passed(prefix + "inbox_passed"),
        dead_letter(prefix + "dead_letter"),
        dead_letters(prefix + "dead_letters"),
        operator_action(prefix + "operator_action"),
        prefix_(prefix) {}

  std::string outbox(std::int64_t partition) const {
    return prefix_ + "outbox:" + std::to_string(partition);
  }
  std::string inbox_of(const std::string& source) const { return prefix_ + "inbox:" + source; }
  std::string idempotency(const std::string& scope) const {
    return prefix_ + "idempotency:" + scope;
  }

  std::string partitions;
  std::string members;
  std::string identity;
  std::string settings;
  std::string inbox;
  std::string inbox_passed;
  std::string dead_letter;
  std::string dead_letters;
  std::string operator_action;

 private:
  std::string prefix_;
};

void emit_partitions(const statement&, answers found, const rows& sink) {
  static const std::vector<std::string> names{"owner", "epoch", "last_seq", "batches", "beat"};
  std::map<std::int64_t, std::vector<value>> partitions;
  const auto& items = found[0].items;
  for (std::size_t i = 0; i + 1 < items.size(); i += 2) {
    const auto colon = items[i].text.find(':');
    const auto partition = integer(items[i].text.substr(0, colon));
    auto& columns = partitions[std::get<std::int64_t>(partition)];
    columns.resize(1 + names.size());
    columns[0] = partition;
    const auto name = std::find(names.begin(), names.end(), items[i].text.substr(colon + 1));
    if (name == names.end()) continue;
    auto& column = columns[static_cast<std::size_t>(1 + (name - names.begin()))];
    column = name == names.begin() ? value(items[i + 1].text) : integer(items[i + 1].text);
  }
  for (auto& [partition, columns] : partitions) sink(columns);
}

void add_partitions(db::redis_handlers& on, const kernel_keys& k) {
  on.use(take_script);
  on.use(release_script);
  on.on("count partitions", {[k](const statement&, std::vector<redis_command>& out) {
                               out.push_back({{"HLEN", k.partitions}});
                             },
                             [](const statement&, answers found, const rows& sink) {
                               value count = found[0].integer /
                                             static_cast<std::int64_t>(fields_of_partition);
                               sink({&count, 1});
                             }});
  on.on("read partitions", {[k](const statement&, std::vector<redis_command>& out) {
                              out.push_back({{"HGETALL", k.partitions}});
                            },
                            &emit_partitions});
  on.on("take partition", {[k](const statement& s, std::vector<redis_command>& out) {
                             out.push_back({{"1", k.partitions, int_text(s, 1), int_text(s, 2),
                                             redis_param<std::string>(s, 0)},
                                            &take_script});
                           },
                           &emit_integers});
  on.on("release partition",
        {[k](const statement& s, std::vector<redis_command>& out) {
           out.push_back({{"1", k.partitions, int_text(s, 0), int_text(s, 1)}, &release_script});
         },
         &emit_integers});
  on.on("read clock",
        {[](const statement&, std::vector<redis_command>& out) { out.push_back({{"TIME"}}); },
         &emit_integers});
  // One that is there already stays as it is.
  on.on("insert partition", [k](const statement& s, redis_changes& changes) {
    const auto partition = int_text(s, 0);
    changes.afterwards({"HSETNX", k.partitions, partition + ":owner", ""});
    changes.afterwards({"HSETNX", k.partitions, partition + ":epoch", int_text(s, 1)});
    changes.afterwards({"HSETNX", k.partitions, partition + ":last_seq", int_text(s, 2)});
    for (const auto* name : {":batches", ":beat"}) {
      changes.afterwards({"HSETNX", k.partitions, partition + name, "0"});
    }
  });
  on.on("save partition", [k](const statement& s, redis_changes& changes) {
    const auto partition = int_text(s, 0);
    const auto epoch = int_text(s, 1);
    const auto save = [&](redis_changes& into) {
      into.set(k.partitions, partition + ":last_seq", int_text(s, 2));
      into.set(k.partitions, partition + ":batches", int_text(s, 3));
      into.afterwards({"HINCRBY", k.partitions, partition + ":beat", "1"});
    };
    if (!s.must_change_one) return changes.only_if(k.partitions, partition + ":epoch", epoch, save);
    changes.require_same(k.partitions, partition + ":epoch", epoch, db::error_kind::stale,
                         s.what->name);
    // As the batch before has left it.
    changes.require_same(k.partitions, partition + ":batches",
                         std::to_string(redis_param<std::int64_t>(s, 3) - 1), db::error_kind::stale,
                         s.what->name);
    save(changes);
  });
}

/// A table of names and values is a hash.
void add_names(db::redis_handlers& on, const std::string& key, const std::string& one) {
  on.on("read " + one + "s", {[key](const statement&, std::vector<redis_command>& out) {
                                out.push_back({{"HGETALL", key}});
                              },
                              [](const statement&, answers found, const rows& sink) {
                                const auto& items = found[0].items;
                                for (std::size_t i = 0; i + 1 < items.size(); i += 2) {
                                  std::array<value, 2> columns{items[i].text, items[i + 1].text};
                                  sink(columns);
                                }
                              }});
  const auto no_rows = [](const statement&, answers, const rows&) {};
  on.on("add " + one, {[key](const statement& s, std::vector<redis_command>& out) {
                         out.push_back({{"HSETNX", key, redis_param<std::string>(s, 0),
                                         redis_param<std::string>(s, 1)}});
                       },
                       no_rows});
  on.on("forget " + one + "s", {[key](const statement&, std::vector<redis_command>& out) {
                                  out.push_back({{"DEL", key}});
                                },
                                no_rows});
}

void add_identity(db::redis_handlers& on, const kernel_keys& k) {
  on.on("read identity", {[k](const statement&, std::vector<redis_command>& out) {
                            out.push_back({{"GET", k.identity}});
                          },
                          [](const statement&, answers found, const rows& sink) {
                            const auto id = uuid::parse(found[0].text);
                            if (!id) return;
                            value column = *id;
                            sink({&column, 1});
                          }});
  on.on("add identity",
        {[k](const statement& s, std::vector<redis_command>& out) {
           out.push_back({{"SET", k.identity, redis_param<uuid>(s, 0).str(), "NX"}});
         },
         [](const statement&, answers, const rows&) {}});
}

void add_outbox(db::redis_handlers& on, const kernel_keys& k) {
  on.on("insert outbox", [k](const statement& s, redis_changes& changes) {
    changes.create_ranked(k.outbox(db::redis_column<std::int64_t>(s, "partition")),
                          db::redis_column<std::int64_t>(s, "seq"), db::encode_columns(s.params),
                          "outbox.seq");
  });
  on.on("read outbox",
        {[k](const statement& s, std::vector<redis_command>& out) {
           out.push_back({{"ZRANGEBYSCORE", k.outbox(redis_param<std::int64_t>(s, 0)),
                           "(" + int_text(s, 1), "+inf", "LIMIT", "0", int_text(s, 2)}});
         },
         &emit_records});
  on.on("delete outbox", [k](const statement& s, redis_changes& changes) {
    changes.afterwards({"ZREMRANGEBYSCORE", k.outbox(redis_param<std::int64_t>(s, 0)),
                        int_text(s, 1), int_text(s, 2)});
  });
}

void add_inbox(db::redis_handlers& on, const kernel_keys& k) {
  on.on("load inbox by event_id",
        {[k](const statement& s, std::vector<redis_command>& out) {
           out.push_back({{"HGET", k.inbox, redis_param<uuid>(s, 0).str()}});
         },
         &emit_records});
  on.on("insert inbox", [k](const statement& s, redis_changes& changes) {
    const auto id = redis_param<uuid>(s, 0).str();
    const auto seq = db::redis_column<std::int64_t>(s, "seq");
    const auto applied_at = db::redis_column<std::int64_t>(s, "applied_at");
    changes.create(k.inbox, id, db::encode_columns(s.params), "inbox.event_id");
    changes.afterwards({"ZADD", k.inbox_of(db::redis_column<std::string>(s, "source")),
                        std::to_string(applied_at), std::to_string(seq) + ":" + id});
  });
  // By time, because Redis does not sort them by number: among the last ones is the greatest.
  on.on("last applied event",
        {[k](const statement& s, std::vector<redis_command>& out) {
           out.push_back({{"ZREVRANGE", k.inbox_of(redis_param<std::string>(s, 0)), "0", "199"}});
         },
         [](const statement&, answers found, const rows& sink) {
           std::int64_t greatest = 0;
           for (const auto& item : found[0].items) {
             const auto colon = item.text.find(':');
             greatest =
                 std::max(greatest, std::get<std::int64_t>(integer(item.text.substr(0, colon))));
           }
           value seq = greatest;
           if (greatest > 0) sink({&seq, 1});
         }});
  on.use(applied_beyond);
  on.on("applied beyond", {[k](const statement& s, std::vector<redis_command>& out) {
                             const auto id = redis_param<uuid>(s, 2);
                             const auto until = time_of(id) + applied_after;
                             out.push_back({{"1", k.inbox_of(redis_param<std::string>(s, 0)),
                                             int_text(s, 1), id.str(), std::to_string(until.us)},
                                            &applied_beyond});
                           },
                           &emit_integers});
  on.use(delete_expired_inbox);
  on.on(expired_inbox.any.name,
        {[k](const statement& s, std::vector<redis_command>& out) {
           out.push_back({{"3", k.inbox_of(redis_param<std::string>(s, 3)), k.inbox, k.inbox_passed,
                           int_text(s, 4), int_text(s, 1), int_text(s, 2)},
                          &delete_expired_inbox});
         },
         [](const statement&, answers found, const rows& sink) {
           for (const auto& item : found[0].items) {
             value seq = integer(item.text);
             sink({&seq, 1});
           }
         }});
}

void add_idempotency(db::redis_handlers& on, const kernel_keys& k, microseconds ttl) {
  const db::redis_query by_scope{
      [k](const statement& s, std::vector<redis_command>& out) {
        out.push_back({{"GET", k.idempotency(redis_param<std::string>(s, 0))}});
      },
      &emit_records};
  on.on("load idempotency by scope", by_scope);
  const auto life = std::max(milliseconds{1}, std::chrono::ceil<milliseconds>(ttl));
  on.on("insert idempotency", [k, life](const statement& s, redis_changes& changes) {
    changes.create_text(k.idempotency(redis_param<std::string>(s, 0)), db::encode_columns(s.params),
                        life, "idempotency.scope");
  });
  // Redis forgets them by itself.
  on.on(expired_answers.any.name, {[](const statement&, std::vector<redis_command>&) {},
                                   [](const statement&, answers, const rows&) {}});
}

void add_dead_letters(db::redis_handlers& on, const kernel_keys& k) {
  on.use(list_dead_letters);
  on.on("load dead_letter by event_id",
        {[k](const statement& s, std::vector<redis_command>& out) {
           out.push_back({{"HGET", k.dead_letter, redis_param<uuid>(s, 0).str()}});
         },
         &emit_records});
  on.on("list dead letters", {[k](const statement& s, std::vector<redis_command>& out) {
                                out.push_back({{"2", k.dead_letters, k.dead_letter,
                                                redis_param<uuid>(s, 0).str(), int_text(s, 1)},
                                               &list_dead_letters});
                              },
                              &emit_records});
  on.use(count_dead_letters);
  on.on("count dead letters", {[k](const statement&, std::vector<redis_command>& out) {
                                 out.push_back({{"1", k.dead_letters}, &count_dead_letters});
                               },
                               &emit_integers});
  on.on("insert dead_letter", [k](const statement& s, redis_changes& changes) {
    const auto id = redis_param<uuid>(s, 0).str();
    changes.create(k.dead_letter, id, db::encode_columns(s.params), "dead_letter.event_id");
    changes.afterwards({"ZADD", k.dead_letters, "0", id});
  });
  on.on("update dead_letter", [k](const statement& s, redis_changes& changes) {
    // The key comes last among an update's parameters and first in a record.
    std::vector<value> columns = s.params;
    std::rotate(columns.begin(), columns.end() - 1, columns.end());
    const auto id = redis_param<uuid>(s, s.params.size() - 1).str();
    changes.require(k.dead_letter, id, "", db::error_kind::stale, s.what->name);
    changes.set(k.dead_letter, id, db::encode_columns(columns));
  });
  on.on("insert operator action", [k](const statement& s, redis_changes& changes) {
    changes.set(k.operator_action, redis_param<uuid>(s, 0).str(), db::encode_columns(s.params));
  });
  on.on("delete dead_letter", [k](const statement& s, redis_changes& changes) {
    const auto id = redis_param<uuid>(s, 0).str();
    changes.remove(k.dead_letter, id);
    changes.afterwards({"ZREM", k.dead_letters, id});
  });
}

}  // namespace

void add_redis_handlers(db::redis_handlers& handlers, const std::string& prefix,
                        microseconds idempotency_ttl) {
  const kernel_keys keys(prefix);
  add_partitions(handlers, keys);
  add_names(handlers, keys.members, "member");
  add_names(handlers, keys.settings, "setting");
  add_identity(handlers, keys);
  add_outbox(handlers, keys);
  add_inbox(handlers, keys);
  add_idempotency(handlers, keys, idempotency_ttl);
  add_dead_letters(handlers, keys);
}

}  // namespace stoa::kernel
