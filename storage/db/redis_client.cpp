#include "storage/db/redis_client.hpp"

#include "config/mask.hpp"
#include "storage/base/backoff.hpp"

#include <algorithm>
#include <array>
#include <hiredis/hiredis.h>

namespace stoa::db {

namespace {

using std::chrono::steady_clock;

constexpr std::size_t read_at_once = 64 * std::size_t{1024};

redis_answer answer_of(const redisReply& r) {
  redis_answer a;
  switch (r.type) {
    case REDIS_REPLY_INTEGER:
      a.kind = redis_answer::type::integer;
      a.integer = r.integer;
      break;
    case REDIS_REPLY_STRING:
    case REDIS_REPLY_STATUS:
      a.kind = redis_answer::type::text;
      a.text.assign(r.str, static_cast<std::size_t>(r.len));
      break;
    case REDIS_REPLY_ERROR:
      a.kind = redis_answer::type::error;
      a.text.assign(r.str, static_cast<std::size_t>(r.len));
      break;
    case REDIS_REPLY_ARRAY:
      a.kind = redis_answer::type::list;
      a.items.reserve(r.elements);
      for (std::size_t i = 0; i < r.elements; ++i) a.items.push_back(answer_of(*r.element[i]));
      break;
    default:
      break;
  }
  return a;
}

void append_bulk(std::string& out, std::string_view word) {
  out += '$';
  out += std::to_string(word.size());
  out += "\r\n";
  out += word;
  out += "\r\n";
}

}  // namespace

redis_address redis_address_of(const std::string& url) {
  const auto refuse = [&](const char* why) {
    throw error(error_kind::programming, "",
                "redis address " + log::masked_setting(url) + ": " + why);
  };
  redis_address address;
  address.tls = url.starts_with("rediss://");
  if (!address.tls && !url.starts_with("redis://")) refuse("redis://host:port/number is expected");
  std::string rest = url.substr(url.find("//") + 2);
  if (const auto slash = rest.find('/'); slash != std::string::npos) {
    if (slash + 1 < rest.size()) address.number = rest.substr(slash + 1);
    rest.resize(slash);
  }
  const auto colon = rest.rfind(':');
  if (colon != std::string::npos && rest.find(']', colon) == std::string::npos) {
    address.port = rest.substr(colon + 1);
    rest.resize(colon);
  }
  if (rest.starts_with('[') && rest.ends_with(']')) rest = rest.substr(1, rest.size() - 2);
  address.host = rest;
  const auto digits = [](const std::string& text) {
    return !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
  };
  if (address.host.empty() || !digits(address.port) || !digits(address.number)) {
    refuse("redis://host:port/number is expected");
  }
  return address;
}

error redis_error(const std::string& what, const redis_answer& answer) {
  const std::string text = what + ": " + answer.text;
  const auto starts = [&](std::string_view word) { return answer.text.starts_with(word); };
  if (starts("BUSY")) return {error_kind::busy, "", text};
  for (const std::string_view word :
       {"OOM", "MISCONF", "LOADING", "READONLY", "MASTERDOWN", "NOREPLICAS", "NOAUTH", "WRONGPASS",
        "NOPERM", "CLUSTERDOWN", "MOVED", "ASK", "TRYAGAIN", "ERR max number of clients",
        "ERR DB index", "ERR invalid password", "ERR AUTH"}) {
    if (starts(word)) return {error_kind::unavailable, "", text};
  }
  return {error_kind::programming, "", text};
}

void redis_client::reader_deleter::operator()(void* reader) const {
  redisReaderFree(static_cast<redisReader*>(reader));
}

redis_client::redis_client(redis_options options, std::vector<const redis_script*> scripts)
    : options_(std::move(options)),
      address_(redis_address_of(options_.url)),
      scripts_(std::move(scripts)) {}

redis_client::~redis_client() {
  close();
}

void redis_client::close() noexcept {
  socket_.reset();
  reader_.reset();
  output_.clear();
}

bool redis_client::alive() {
  if (connected() && !socket_->quiet()) close();
  return connected();
}

bool redis_client::ensure() {
  if (alive()) return false;
  if (steady_clock::now() < next_attempt_) {
    throw error(error_kind::unavailable, "", last_failure_);
  }
  try {
    socket_ = std::make_unique<redis_socket>(address_.host, address_.port, address_.tls,
                                             steady_clock::now() + options_.timeout);
    reader_.reset(redisReaderCreate());
    if (!reader_) throw socket_error("out of memory");
    greet();
    load_scripts();
    failures_ = 0;
  } catch (const socket_error& e) {
    failed(name() + ": " + e.what());
  } catch (const error& e) {
    failed(e.what());
  }
  return true;
}

void redis_client::failed(const std::string& why) {
  close();
  next_attempt_ =
      steady_clock::now() + backoff(++failures_, options_.reconnect_min, options_.reconnect_max);
  last_failure_ = why;
  throw error(error_kind::unavailable, "", why);
}

std::string redis_client::name() const {
  return "redis " + address_.host + ":" + address_.port;
}

void redis_client::greet() {
  std::vector<redis_command> words;
  if (auto password = options_.password ? options_.password() : ""; !password.empty()) {
    words.push_back({{"AUTH", std::move(password)}});
  }
  words.push_back({{"SELECT", address_.number}});
  words.push_back({{"CLIENT", "SETNAME", "stoa"}});
  for (const auto& word : words) append(word);
  const auto answers = exchange(words.size());
  // A name is only for CLIENT LIST; servers that forbid it are fine.
  for (std::size_t i = 0; i + 1 < answers.size(); ++i) {
    if (answers[i].failed()) throw redis_error(name() + ", " + words[i].words[0], answers[i]);
  }
}

void redis_client::load_scripts() {
  if (scripts_.empty()) return;
  for (const auto* script : scripts_) append({{"SCRIPT", "LOAD", script->text}});
  hashes_.clear();
  for (const auto& a : exchange(scripts_.size())) {
    if (a.failed()) throw redis_error(name() + ", SCRIPT LOAD", a);
    hashes_.push_back(a.text);
  }
}

void redis_client::append(const redis_command& command) {
  output_ += '*';
  output_ += std::to_string(command.words.size() + (command.script != nullptr ? 2 : 0));
  output_ += "\r\n";
  if (command.script != nullptr) {
    const auto it = std::find(scripts_.begin(), scripts_.end(), command.script);
    append_bulk(output_, "EVALSHA");
    append_bulk(output_, hashes_.at(static_cast<std::size_t>(it - scripts_.begin())));
  }
  for (const auto& word : command.words) append_bulk(output_, word);
}

std::vector<redis_answer> redis_client::run(std::span<const redis_command> commands) {
  if (commands.empty()) return {};
  if (!connected()) throw error(error_kind::unavailable, "", "not connected to Redis");
  for (const auto& c : commands) append(c);
  auto answers = exchange(commands.size());
  std::vector<std::size_t> again;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    if (commands[i].script != nullptr && answers[i].failed() &&
        answers[i].text.starts_with("NOSCRIPT")) {
      again.push_back(i);
    }
  }
  if (again.empty()) return answers;
  // SCRIPT FLUSH, or another server behind the same address.
  load_scripts();
  for (auto i : again) append(commands[i]);
  auto late = exchange(again.size());
  for (std::size_t i = 0; i < again.size(); ++i) answers[again[i]] = std::move(late[i]);
  return answers;
}

redis_answer redis_client::run(redis_command one) {
  return std::move(run(std::span(&one, 1)).front());
}

std::vector<redis_answer> redis_client::exchange(std::size_t count) {
  const auto until = steady_clock::now() + options_.timeout;
  std::vector<redis_answer> answers;
  answers.reserve(count);
  try {
    socket_->send_all(output_, until);
    output_.clear();
    while (answers.size() < count) answers.push_back(receive(until));
  } catch (const socket_error& e) {
    close();
    throw error(error_kind::unavailable, "", name() + ": " + e.what());
  }
  return answers;
}

redis_answer redis_client::receive(time_point until) {
  auto* reader = static_cast<redisReader*>(reader_.get());
  std::array<char, read_at_once> piece;
  for (;;) {
    void* made = nullptr;
    if (redisReaderGetReply(reader, &made) != REDIS_OK) throw socket_error("not Redis' protocol");
    if (made != nullptr) {
      const std::unique_ptr<void, decltype(&freeReplyObject)> reply(made, &freeReplyObject);
      return answer_of(*static_cast<const redisReply*>(made));
    }
    const auto n = socket_->receive(piece, until);
    if (redisReaderFeed(reader, piece.data(), n) != REDIS_OK) throw socket_error("out of memory");
  }
}

}  // namespace stoa::db
