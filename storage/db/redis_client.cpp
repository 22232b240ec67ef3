#include "storage/db/redis_client.hpp"

#include "config/mask.hpp"
#include "storage/base/backoff.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <hiredis/hiredis.h>
#include <regex>

namespace stoa::db {

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
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
    case REDIS_REPLY_ERROR:
      a.kind = r.type == REDIS_REPLY_ERROR ? redis_answer::type::error : redis_answer::type::text;
      a.text.assign(r.str, static_cast<std::size_t>(r.len));
      break;
    case REDIS_REPLY_ARRAY:
      a.kind = redis_answer::type::list;
      for (std::size_t i = 0; i < r.elements; ++i) a.items.push_back(answer_of(*r.element[i]));
      break;
    default:
      break;
  }
  return a;
}

asio::ssl::context context_for(const redis_address& address) {
  asio::ssl::context context(asio::ssl::context::tls_client);
  SSL_CTX_set_min_proto_version(context.native_handle(), TLS1_2_VERSION);
  if (address.tls) context.set_default_verify_paths();
  context.set_verify_mode(asio::ssl::verify_peer);
  return context;
}

}  // namespace

/// The socket and what reads the protocol. hiredis' own socket has no deadline for a whole answer,
/// no TLS in the version at hand, and raises SIGPIPE. Throws std::runtime_error, and must be
/// discarded then.
struct redis_client::link {
  using time_point = steady_clock::time_point;

  /// Names are looked up with the system's own time limit.
  link(const redis_address& to, time_point until) : tls(to.tls), context(context_for(to)) {
    auto& socket = stream.next_layer();
    tcp::resolver names(io);
    const auto found = finish(names.async_resolve(to.host, to.port, asio::use_future), until);
    finish(asio::async_connect(socket, found, asio::use_future), until);
    socket.set_option(tcp::no_delay(true));
    socket.set_option(asio::socket_base::keep_alive(true));
    if (tls) start_tls(to.host, until);
    socket.non_blocking(true);  // for quiet(); asynchronous operations do not depend on it
  }

  void start_tls(const std::string& host, time_point until) {
    SSL* session = stream.native_handle();
    error_code is_name;
    asio::ip::make_address(host, is_name);
    const bool set =
        is_name ? SSL_set1_host(session, host.c_str()) == 1 &&
                      SSL_set_tlsext_host_name(session, host.c_str()) == 1
                : X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(session), host.c_str()) == 1;
    if (!set) throw std::runtime_error("TLS cannot verify the host's name");
    finish(stream.async_handshake(asio::ssl::stream_base::client, asio::use_future), until);
  }

  /// Calls `act` with the TLS stream, or with the socket below it when there is no TLS.
  template <class Act>
  auto with_stream(Act act) {
    return tls ? act(stream) : act(stream.next_layer());
  }

  /// The result of an operation that was started, if it is there in time.
  template <class Result>
  Result finish(std::future<Result> started, time_point until) {
    io.restart();
    io.run_until(until);
    if (started.wait_for(seconds{0}) != std::future_status::ready) {
      throw std::runtime_error("no answer in time");
    }
    try {
      return started.get();
    } catch (const boost::system::system_error& e) {
      const auto verified = SSL_get_verify_result(stream.native_handle());
      if (verified == X509_V_OK) throw std::runtime_error(e.code().message());
      throw std::runtime_error(std::string("the server's certificate: ") +
                               X509_verify_cert_error_string(verified));
    }
  }

  void send(const std::string& bytes, time_point until) {
    auto sent = with_stream(
        [&](auto& to) { return asio::async_write(to, asio::buffer(bytes), asio::use_future); });
    finish(std::move(sent), until);
  }

  redis_answer receive(time_point until) {
    std::array<char, read_at_once> piece;
    for (;;) {
      void* made = nullptr;
      if (redisReaderGetReply(reader.get(), &made) != REDIS_OK) {
        throw std::runtime_error("not the protocol of Redis");
      }
      if (made != nullptr) {
        const std::unique_ptr<void, decltype(&freeReplyObject)> reply(made, &freeReplyObject);
        return answer_of(*static_cast<const redisReply*>(made));
      }
      auto read = with_stream(
          [&](auto& from) { return from.async_read_some(asio::buffer(piece), asio::use_future); });
      redisReaderFeed(reader.get(), piece.data(), finish(std::move(read), until));
    }
  }

  /// False when the server has ended the connection, or sent something that was not requested. With
  /// TLS this takes in what it sends without a request: tickets, changes of keys.
  bool quiet() {
    char byte = 0;
    error_code why;
    with_stream([&](auto& from) { return from.read_some(asio::buffer(&byte, 1), why); });
    return why == asio::error::would_block;
  }

  const bool tls;
  asio::io_context io{1};
  asio::ssl::context context;
  asio::ssl::stream<tcp::socket> stream{io, context};
  std::unique_ptr<redisReader, decltype(&redisReaderFree)> reader{redisReaderCreate(),
                                                                  &redisReaderFree};
};

redis_address redis_address_of(const std::string& url) {
  static const std::regex form(
      R"((rediss?)://(?:\[([^\]]+)\]|([^:/\[\]]+))(?::(\d+))?(?:/(\d*))?)");
  std::smatch found;
  if (!std::regex_match(url, found, form)) {
    throw error(
        error_kind::programming, "",
        "redis address " + log::masked_setting(url) + ": redis://host:port/number is expected");
  }
  redis_address address;
  address.tls = found[1] == "rediss";
  address.host = found[2].str() + found[3].str();
  if (found[4].length() > 0) address.port = found[4];
  if (found[5].length() > 0) address.number = found[5];
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

redis_client::redis_client(redis_options options)
    : options_(std::move(options)), address_(redis_address_of(options_.url)) {}

redis_client::~redis_client() = default;

void redis_client::close() noexcept {
  link_.reset();
}

bool redis_client::alive() {
  if (link_ && !link_->quiet()) close();
  return connected();
}

bool redis_client::ensure() {
  if (alive()) return false;
  if (steady_clock::now() < next_attempt_) {
    throw error(error_kind::unavailable, "", last_failure_);
  }
  try {
    link_ = std::make_unique<link>(address_, steady_clock::now() + options_.timeout);
    greet();
  } catch (const std::runtime_error& e) {
    close();
    next_attempt_ =
        steady_clock::now() + backoff(++failures_, options_.reconnect_min, options_.reconnect_max);
    last_failure_ = name() + ": " + e.what();
    throw error(error_kind::unavailable, "", last_failure_);
  }
  failures_ = 0;
  return true;
}

void redis_client::greet() {
  std::vector<redis_command> commands;
  if (auto password = options_.password ? options_.password() : ""; !password.empty()) {
    commands.push_back({"AUTH", std::move(password)});
  }
  commands.push_back({"SELECT", address_.number});
  commands.push_back({"CLIENT", "SETNAME", "stoa"});
  const auto answers = exchange(commands);
  // A name is only for CLIENT LIST; servers that forbid it are fine.
  for (std::size_t i = 0; i + 1 < answers.size(); ++i) {
    if (answers[i].failed()) throw redis_error(commands[i][0], answers[i]);
  }
}

std::vector<redis_answer> redis_client::exchange(std::span<const redis_command> commands) {
  const auto until = steady_clock::now() + options_.timeout;
  std::string output;
  for (const auto& command : commands) {
    output += '*' + std::to_string(command.size()) + "\r\n";
    for (const auto& word : command) {
      output += '$' + std::to_string(word.size()) + "\r\n";
      output += word;
      output += "\r\n";
    }
  }
  link_->send(output, until);
  std::vector<redis_answer> answers;
  while (answers.size() < commands.size()) answers.push_back(link_->receive(until));
  return answers;
}

std::vector<redis_answer> redis_client::run(std::span<const redis_command> commands) {
  if (commands.empty()) return {};
  if (!connected()) throw error(error_kind::unavailable, "", name() + ": not connected");
  try {
    return exchange(commands);
  } catch (const std::runtime_error& e) {
    close();
    throw error(error_kind::unavailable, "", name() + ": " + e.what());
  }
}

redis_answer redis_client::run(const redis_command& one) {
  return std::move(run(std::span(&one, 1)).front());
}

}  // namespace stoa::db
