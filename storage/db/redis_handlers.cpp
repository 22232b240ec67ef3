#include "storage/db/redis_handlers.hpp"

#include <charconv>

namespace stoa::db {

namespace {

/// Redis rejects a command of more than 1,048,576 words.
constexpr std::size_t words_max = 1'000'000;

/// Nothing is written before all conditions hold, and from then on nothing can fail: with the first
/// line Redis itself rejects the script before it starts when memory is short, the disk cannot be
/// written, or this server is a replica.
constexpr const char* apply_changes = R"lua(#!lua
local at, writes = 1, {}
local function words(count)
  at = at + count
  return unpack(ARGV, at - count, at - 1)
end
while at <= #ARGV do
  local kind, name, expected, count = words(4)
  if kind == '' then
    writes[#writes + 1] = {words(tonumber(count))}
  elseif tostring(redis.call(words(tonumber(count)))) ~= expected then
    return {kind, name}
  end
end
local last
for _, command in ipairs(writes) do last = redis.call(unpack(command)) end
return {'', last}
)lua";

std::string word_of(const statement& s, std::size_t index) {
  if (index < s.params.size()) {
    const auto& v = s.params[index];
    if (const auto* text = std::get_if<std::string>(&v)) return *text;
    if (const auto* n = std::get_if<std::int64_t>(&v)) return std::to_string(*n);
    if (const auto* id = std::get_if<uuid>(&v)) return id->str();
  }
  throw error(error_kind::programming, s.what->name,
              s.what->name + ": parameter " + std::to_string(index + 1) + " has another type");
}

value column_of(char type, const redis_answer& a) {
  if (type == 't') return a.text;
  if (type == 'u') {
    if (const auto found = uuid::parse(a.text)) return *found;
  } else if (a.kind == redis_answer::type::integer) {
    return a.integer;
  } else {
    std::int64_t n = 0;
    const auto* end = a.text.data() + a.text.size();
    const auto read = std::from_chars(a.text.data(), end, n);
    if (read.ec == std::errc{} && read.ptr == end) return n;
  }
  throw error(error_kind::programming, "", "a value in Redis cannot be read: " + a.text);
}

}  // namespace

void redis_changes::add(const std::string& kind, const std::string& name,
                        const std::string& expected, const redis_command& command) {
  words_.insert(words_.end(), {kind, name, expected, std::to_string(command.size())});
  words_.insert(words_.end(), command.begin(), command.end());
}

void redis_changes::expect(const redis_command& command, const std::string& expected,
                           error_kind kind, const std::string& name) {
  if (kind == error_kind::unique && !created_.insert(command).second) {
    throw error(kind, name, name + ": created twice in one transaction");
  }
  add(std::to_string(static_cast<int>(kind)), name, expected, command);
}

redis_command redis_changes::take() {
  if (words_.size() > words_max) {
    throw error(error_kind::programming, "", "one transaction has too many changes for Redis");
  }
  redis_command command{"EVAL", apply_changes, "0"};
  std::move(words_.begin(), words_.end(), std::back_inserter(command));
  clear();
  return command;
}

void redis_changes::clear() {
  words_.clear();
  created_.clear();
}

redis_command redis_bound(const statement& s, redis_command form, std::string_view record) {
  for (auto& word : form) {
    for (auto at = word.find('$'); at != std::string::npos;) {
      std::size_t number = 0;
      const auto* digits = word.data() + at + 1;
      const auto* end = std::from_chars(digits, word.data() + word.size(), number).ptr;
      if (end == digits) break;  // A script's own.
      const auto bound = number == 0 ? std::string(record) : word_of(s, number - 1);
      word.replace(at, static_cast<std::size_t>(1 + end - digits), bound);
      at = word.find('$', at + bound.size());
    }
  }
  return form;
}

redis_asker redis_form(redis_command form) {
  return [form = std::move(form)](const statement& s) { return redis_bound(s, form); };
}

redis_change redis_writes(std::vector<redis_command> forms) {
  return [forms = std::move(forms)](const statement& s, redis_changes& changes) {
    for (const auto& form : forms) changes.write(redis_bound(s, form));
  };
}

redis_emitter redis_rows(std::string types) {
  return [types = std::move(types)](const statement&, const redis_answer& a, const auto& sink) {
    const bool list = a.kind == redis_answer::type::list;
    const auto cells =
        list ? std::span(a.items) : std::span(&a, a.kind == redis_answer::type::nil ? 0 : 1);
    std::vector<value> columns;
    for (std::size_t i = 0; !types.empty() && i + types.size() <= cells.size();) {
      columns.clear();
      for (char type : types) {
        const auto& cell = cells[i++];
        if (type != '-') columns.push_back(column_of(type, cell));
      }
      sink(columns);
    }
  };
}

}  // namespace stoa::db
