#include "storage/db/redis_handlers.hpp"

namespace stoa::db {

namespace {

/// Redis refuses a command of more than 1,048,576 words.
constexpr std::size_t words_max = 1'000'000;

/// Checks are made against the database as the changes before them will leave it: `hashes` holds
/// what they have set (or removed: false). Only when all is checked is anything written, and from
/// then on nothing can fail: with the first line Redis itself refuses the script before it starts
/// when memory is short, the disk cannot be written, or this server is a replica.
constexpr const char* save_text = R"lua(#!lua
local hashes, order, texts, later = {}, {}, {}, {}
local refusal = nil
local at = 1

local function get(hash, field)
  local changed = hashes[hash]
  if changed and changed[field] ~= nil then return changed[field] end
  return redis.call('HGET', hash, field)
end

local function put(hash, field, content)
  local changed = hashes[hash]
  if not changed then
    changed = {}
    hashes[hash] = changed
    order[#order + 1] = hash
  end
  changed[field] = content
end

local function refuse(kind, name)
  refusal = {kind, name}
end

local function word()
  at = at + 1
  return ARGV[at - 1]
end

local steps = {
  create = function()
    local hash, field, content, name = word(), word(), word(), word()
    if get(hash, field) then refuse('unique', name) end
    put(hash, field, content)
  end,
  set = function()
    put(word(), word(), word())
  end,
  remove = function()
    put(word(), word(), false)
  end,
  require = function()
    local hash, field, prefix, kind, name = word(), word(), word(), word(), word()
    local found = get(hash, field)
    if not found or string.sub(found, 1, #prefix) ~= prefix then refuse(kind, name) end
  end,
  require_same = function()
    local hash, field, content, kind, name = word(), word(), word(), word(), word()
    if get(hash, field) ~= content then refuse(kind, name) end
  end,
  require_empty = function()
    local hash, name = word(), word()
    for _, field in ipairs(redis.call('HKEYS', hash)) do
      if get(hash, field) then refuse('constraint', name) end
    end
    for _, content in pairs(hashes[hash] or {}) do
      if content then refuse('constraint', name) end
    end
  end,
  only_if = function()
    local hash, field, content, count = word(), word(), word(), tonumber(word())
    if get(hash, field) ~= content then at = at + count end
  end,
  create_text = function()
    local key, content, life, name = word(), word(), word(), word()
    if texts[key] or redis.call('EXISTS', key) == 1 then refuse('unique', name) end
    texts[key] = {content, life}
  end,
  create_ranked = function()
    local set, score, member, name = word(), word(), word(), word()
    if redis.call('ZCOUNT', set, score, score) > 0 then refuse('unique', name) end
    later[#later + 1] = {'ZADD', set, score, member}
  end,
  afterwards = function()
    local command = {}
    for i = 1, tonumber(word()) do command[i] = word() end
    later[#later + 1] = command
  end,
}

while at <= #ARGV do
  steps[word()]()
  if refusal then return refusal end
end

local function flush(verb, hash, words, most)
  if #words >= most and #words > 0 then
    redis.call(verb, hash, unpack(words))
    return {}
  end
  return words
end

for _, hash in ipairs(order) do
  local kept, gone = {}, {}
  for field, content in pairs(hashes[hash]) do
    if content then
      kept[#kept + 1] = field
      kept[#kept + 1] = content
      kept = flush('HSET', hash, kept, 1000)
    else
      gone[#gone + 1] = field
      gone = flush('HDEL', hash, gone, 1000)
    end
  end
  flush('HSET', hash, kept, 1)
  flush('HDEL', hash, gone, 1)
end
for key, text in pairs(texts) do redis.call('SET', key, text[1], 'PX', text[2]) end
for _, command in ipairs(later) do redis.call(unpack(command)) end
return {}
)lua";

const redis_script save{save_text};

std::string_view name_of(error_kind kind) {
  switch (kind) {
    case error_kind::unique:
      return "unique";
    case error_kind::stale:
      return "stale";
    case error_kind::conflict:
      return "conflict";
    default:
      return "constraint";
  }
}

}  // namespace

const redis_script& redis_changes::script() {
  return save;
}

void redis_changes::add(std::initializer_list<std::string_view> words) {
  for (auto word : words) words_.emplace_back(word);
}

void redis_changes::create(const std::string& hash, const std::string& field, std::string content,
                           const std::string& name) {
  add({"create", hash, field});
  words_.push_back(std::move(content));
  words_.push_back(name);
}

void redis_changes::set(const std::string& hash, const std::string& field, std::string content) {
  add({"set", hash, field});
  words_.push_back(std::move(content));
}

void redis_changes::remove(const std::string& hash, const std::string& field) {
  add({"remove", hash, field});
}

void redis_changes::require(const std::string& hash, const std::string& field,
                            const std::string& prefix, error_kind kind, const std::string& name) {
  add({"require", hash, field, prefix, name_of(kind), name});
}

void redis_changes::require_same(const std::string& hash, const std::string& field,
                                 const std::string& content, error_kind kind,
                                 const std::string& name) {
  add({"require_same", hash, field, content, name_of(kind), name});
}

void redis_changes::require_empty(const std::string& hash, const std::string& name) {
  add({"require_empty", hash, name});
}

void redis_changes::only_if(const std::string& hash, const std::string& field,
                            const std::string& content,
                            const std::function<void(redis_changes&)>& inner) {
  redis_changes held;
  inner(held);
  add({"only_if", hash, field, content, std::to_string(held.words_.size())});
  std::move(held.words_.begin(), held.words_.end(), std::back_inserter(words_));
}

void redis_changes::create_text(const std::string& key, std::string content, milliseconds life,
                                const std::string& name) {
  add({"create_text", key});
  words_.push_back(std::move(content));
  add({std::to_string(life.count()), name});
}

void redis_changes::create_ranked(const std::string& set, std::int64_t score, std::string member,
                                  const std::string& name) {
  add({"create_ranked", set, std::to_string(score)});
  words_.push_back(std::move(member));
  words_.push_back(name);
}

void redis_changes::afterwards(std::vector<std::string> words) {
  add({"afterwards", std::to_string(words.size())});
  std::move(words.begin(), words.end(), std::back_inserter(words_));
}

redis_command redis_changes::take() {
  if (words_.size() > words_max) {
    throw error(error_kind::programming, "", "one transaction has too many changes for Redis");
  }
  redis_command command{{"0"}, &save};
  std::move(words_.begin(), words_.end(), std::back_inserter(command.words));
  words_.clear();
  return command;
}

}  // namespace stoa::db
