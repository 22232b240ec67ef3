#include "storage/db/redis_client.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <hiredis/hiredis.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace stoa::db {

namespace {

using std::chrono::steady_clock;

constexpr std::size_t read_at_once = 64 * std::size_t{1024};

std::string system_reason(int code) {
  return std::error_code(code, std::generic_category()).message();
}

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
    throw error(error_kind::programming, "", "redis address " + url + ": " + why);
  };
  constexpr std::string_view scheme = "redis://";
  if (url.starts_with("rediss://")) {
    refuse("this program's Redis library has no TLS; use redis:// and a tunnel");
  }
  if (!url.starts_with(scheme)) refuse("redis://host:port/number is expected");
  std::string rest = url.substr(scheme.size());
  redis_address address;
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
  if (socket_ >= 0) ::close(socket_);
  socket_ = -1;
  reader_.reset();
}

bool redis_client::alive() {
  if (!connected()) return false;
  // What has arrived unasked can only be the end of the connection.
  char byte = 0;
  const auto n = ::recv(socket_, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return true;
  close();
  return false;
}

bool redis_client::ensure() {
  if (alive()) return false;
  if (steady_clock::now() < next_attempt_) {
    throw error(error_kind::unavailable, "", last_failure_);
  }
  try {
    connect();
    greet();
    load_scripts();
    pause_ = milliseconds{0};
  } catch (const error& e) {
    close();
    pause_ = std::clamp(pause_ * 2, options_.reconnect_min, options_.reconnect_max);
    next_attempt_ = steady_clock::now() + pause_;
    last_failure_ = e.what();
    throw error(error_kind::unavailable, "", last_failure_);
  }
  return true;
}

void redis_client::connect() {
  const auto until = steady_clock::now() + options_.timeout;
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int rc = ::getaddrinfo(address_.host.c_str(), address_.port.c_str(), &hints, &found);
  if (rc != 0) lost("cannot find " + address_.host + ": " + ::gai_strerror(rc));
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> all(found, &::freeaddrinfo);
  std::string why = "no address";
  for (const auto* a = found; a != nullptr; a = a->ai_next) {
    close();
    socket_ = ::socket(a->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, a->ai_protocol);
    if (socket_ < 0) continue;
    int code = ::connect(socket_, a->ai_addr, a->ai_addrlen) == 0 ? 0 : errno;
    if (code == EINPROGRESS) {
      wait_for(POLLOUT, until);
      socklen_t size = sizeof code;
      ::getsockopt(socket_, SOL_SOCKET, SO_ERROR, &code, &size);
    }
    if (code == 0) {
      const int on = 1;
      ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      ::setsockopt(socket_, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
      reader_.reset(redisReaderCreate());
      if (!reader_) lost("out of memory");
      return;
    }
    why = system_reason(code);
  }
  lost("cannot connect: " + why);
}

void redis_client::greet() {
  std::vector<redis_command> words;
  if (!options_.password.empty()) words.push_back({{"AUTH", options_.password}});
  words.push_back({{"SELECT", address_.number}});
  words.push_back({{"CLIENT", "SETNAME", "stoa"}});
  for (const auto& word : words) append(word);
  const auto answers = exchange(words.size());
  // A name is only for CLIENT LIST; servers that forbid it are fine.
  for (std::size_t i = 0; i + 1 < answers.size(); ++i) {
    if (answers[i].failed()) throw redis_error(words[i].words[0], answers[i]);
  }
}

void redis_client::load_scripts() {
  if (scripts_.empty()) return;
  for (const auto* script : scripts_) append({{"SCRIPT", "LOAD", script->text}});
  hashes_.clear();
  for (const auto& a : exchange(scripts_.size())) {
    if (a.failed()) throw redis_error("SCRIPT LOAD", a);
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
  send_all(until);
  std::vector<redis_answer> answers;
  answers.reserve(count);
  while (answers.size() < count) answers.push_back(receive(until));
  return answers;
}

void redis_client::send_all(time_point until) {
  std::string_view left = output_;
  while (!left.empty()) {
    const auto n = ::send(socket_, left.data(), left.size(), MSG_NOSIGNAL);
    if (n >= 0) {
      left.remove_prefix(static_cast<std::size_t>(n));
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      wait_for(POLLOUT, until);
    } else if (errno != EINTR) {
      lost(system_reason(errno));
    }
  }
  output_.clear();
}

redis_answer redis_client::receive(time_point until) {
  auto* reader = static_cast<redisReader*>(reader_.get());
  std::array<char, read_at_once> piece;
  for (;;) {
    void* made = nullptr;
    if (redisReaderGetReply(reader, &made) != REDIS_OK) lost("not Redis' protocol");
    if (made != nullptr) {
      const std::unique_ptr<void, decltype(&freeReplyObject)> reply(made, &freeReplyObject);
      return answer_of(*static_cast<const redisReply*>(made));
    }
    const auto n = ::recv(socket_, piece.data(), piece.size(), 0);
    if (n > 0) {
      if (redisReaderFeed(reader, piece.data(), static_cast<std::size_t>(n)) != REDIS_OK) {
        lost("out of memory");
      }
    } else if (n == 0) {
      lost("the server closed the connection");
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      wait_for(POLLIN, until);
    } else if (errno != EINTR) {
      lost(system_reason(errno));
    }
  }
}

void redis_client::wait_for(short events, time_point until) {
  for (;;) {
    const auto left =
        std::chrono::duration_cast<milliseconds>(until - steady_clock::now()).count() + 1;
    if (left <= 1) lost("no answer within " + std::to_string(options_.timeout.count()) + " ms");
    pollfd one{socket_, events, 0};
    const int rc = ::poll(&one, 1, static_cast<int>(std::min<std::int64_t>(left, 60'000)));
    if (rc > 0) return;
    if (rc < 0 && errno != EINTR) lost(system_reason(errno));
  }
}

void redis_client::lost(const std::string& why) {
  close();
  output_.clear();
  throw error(error_kind::unavailable, "",
              "redis " + address_.host + ":" + address_.port + ": " + why);
}

}  // namespace stoa::db
