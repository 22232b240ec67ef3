#include "storage/db/postgres_link.hpp"

#include "config/log.hpp"
#include "config/mask.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <poll.h>
#include <sstream>

namespace stoa::db {

namespace {

using std::chrono::steady_clock;

[[noreturn]] void lost(const std::string& why) {
  throw error(error_kind::unavailable, "", "PostgreSQL: " + why);
}

/// Logs notices; libpq would print them to standard error.
void log_notice(void*, const PGresult* result) {
  const char* severity = PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED);
  if (severity == nullptr || std::strcmp(severity, "WARNING") != 0) return;
  const char* text = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
  log::warn("PostgreSQL warning", {{"message", std::string(text != nullptr ? text : "")}});
}

/// Values as text parameters: the server parses them as the inferred type, so that an integer fits
/// an int4 column as well as a boolean one.
class text_parameters {
 public:
  explicit text_parameters(const std::vector<value>& values) {
    made_.reserve(values.size());  // Pointers into it must stay valid.
    pointers_.reserve(values.size());
    for (const auto& v : values) {
      pointers_.push_back(std::visit([this](const auto& held) { return text_of(held); }, v));
    }
  }

  int count() const { return static_cast<int>(pointers_.size()); }
  const char* const* data() const { return pointers_.data(); }

 private:
  const char* text_of(std::monostate) { return nullptr; }
  const char* text_of(const std::string& v) { return v.c_str(); }
  const char* text_of(const uuid& v) { return made_.emplace_back(v.str()).c_str(); }
  template <class Number>
  const char* text_of(Number v) {
    std::array<char, 32> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), v).ptr;
    return made_.emplace_back(digits.data(), end).c_str();
  }

  std::vector<std::string> made_;
  std::vector<const char*> pointers_;
};

/// Values in the protocol's binary format.
class binary_parameters {
 public:
  explicit binary_parameters(const std::vector<std::string>& values) : formats_(values.size(), 1) {
    pointers_.reserve(values.size());
    lengths_.reserve(values.size());
    for (const auto& v : values) {
      pointers_.push_back(v.data());
      lengths_.push_back(static_cast<int>(v.size()));
    }
  }

  int count() const { return static_cast<int>(pointers_.size()); }
  const char* const* data() const { return pointers_.data(); }
  const int* lengths() const { return lengths_.data(); }
  const int* formats() const { return formats_.data(); }

 private:
  std::vector<const char*> pointers_;
  std::vector<int> lengths_;
  std::vector<int> formats_;
};

}  // namespace

std::string in_one_line(const std::string& text) {
  std::istringstream lines(text);
  std::string all;
  std::string last;
  for (std::string line; std::getline(lines, line); last = line) {
    if (line.empty() || line.starts_with('\t') || line == last) continue;
    all += (all.empty() ? "" : "; ") + line;
  }
  return all;
}

postgres_parameters parse_postgres_url(const std::string& url) {
  char* reason = nullptr;
  auto* parsed = PQconninfoParse(url.c_str(), &reason);
  if (parsed == nullptr) {
    // libpq's message may contain the whole address.
    const std::string why =
        log::masked_setting(in_one_line(reason != nullptr ? reason : "out of memory"));
    PQfreemem(reason);
    throw error(error_kind::programming, "", "PostgreSQL's address: " + why);
  }
  postgres_parameters found;
  for (const auto* one = parsed; one->keyword != nullptr; ++one) {
    if (one->val != nullptr) found.emplace(one->keyword, one->val);
  }
  PQconninfoFree(parsed);
  return found;
}

std::vector<postgres_parameters> hosts_of(const postgres_parameters& parameters) {
  static constexpr std::array names{"host", "hostaddr", "port"};
  std::map<std::string, std::vector<std::string>> lists;
  std::size_t count = 1;
  for (const char* name : names) {
    const auto found = parameters.find(name);
    if (found == parameters.end()) continue;
    auto& list = lists[name];
    std::istringstream parts(found->second);
    for (std::string part; std::getline(parts, part, ',');) list.push_back(std::move(part));
    if (found->second.ends_with(',')) list.emplace_back();
    if (found->first != "port") count = std::max(count, list.size());
  }
  const auto wanted = parameters.find("target_session_attrs");
  const bool compares = wanted != parameters.end() && wanted->second == "prefer-standby";
  if (count == 1 || compares) return {parameters};
  std::vector<postgres_parameters> all(count, parameters);
  for (const auto& [name, list] : lists) {
    // A single port applies to all hosts.
    for (std::size_t i = 0; i < count && !list.empty(); ++i) {
      all[i][name] = list[list.size() == 1 ? 0 : std::min(i, list.size() - 1)];
    }
  }
  return all;
}

std::string describe_postgres(const postgres_parameters& parameters) {
  auto part = [&](const char* before, const char* name, const char* after) {
    const auto found = parameters.find(name);
    return found == parameters.end() || found->second.empty() ? "" : before + found->second + after;
  };
  return "postgresql://" + part("", "user", "@") +
         (parameters.contains("host") ? part("", "host", "") : part("", "hostaddr", "")) +
         part(":", "port", "") + part("/", "dbname", "");
}

postgres_link::postgres_link(const postgres_parameters& parameters, deadline until) {
  std::vector<const char*> names;
  std::vector<const char*> values;
  names.reserve(parameters.size() + 1);
  values.reserve(parameters.size() + 1);
  for (const auto& [name, held] : parameters) {
    names.push_back(name.c_str());
    values.push_back(held.c_str());
  }
  names.push_back(nullptr);
  values.push_back(nullptr);
  connection_.reset(PQconnectStartParams(names.data(), values.data(), 0));
  if (!connection_) lost("out of memory");
  PQsetNoticeReceiver(connection_.get(), &log_notice, nullptr);
  if (PQstatus(connection_.get()) == CONNECTION_BAD) lost(message());
  for (auto next = PGRES_POLLING_WRITING; next != PGRES_POLLING_OK;
       next = PQconnectPoll(connection_.get())) {
    if (next == PGRES_POLLING_FAILED) lost(message());
    wait_for(next == PGRES_POLLING_READING ? POLLIN : POLLOUT, until);
  }
  if (PQsetnonblocking(connection_.get(), 1) != 0 || PQenterPipelineMode(connection_.get()) != 1) {
    lost(message());
  }
}

std::string postgres_link::message() const {
  return in_one_line(PQerrorMessage(connection_.get()));
}

void postgres_link::check(int sent) const {
  if (sent != 1) lost(message());
}

void postgres_link::prepare(const std::string& name, const std::string& text) {
  check(PQsendPrepare(connection_.get(), name.c_str(), text.c_str(), 0, nullptr));
}

void postgres_link::describe(const std::string& name) {
  check(PQsendDescribePrepared(connection_.get(), name.c_str()));
}

void postgres_link::run_prepared(const std::string& name, const std::vector<value>& values) {
  const text_parameters texts(values);
  check(PQsendQueryPrepared(connection_.get(), name.c_str(), texts.count(), texts.data(), nullptr,
                            nullptr, 0));
}

void postgres_link::run_text(const std::string& text, const std::vector<value>& values) {
  const text_parameters texts(values);
  check(PQsendQueryParams(connection_.get(), text.c_str(), texts.count(), nullptr, texts.data(),
                          nullptr, nullptr, 0));
}

void postgres_link::run_prepared_binary(const std::string& name,
                                        const std::vector<std::string>& values) {
  const binary_parameters given(values);
  check(PQsendQueryPrepared(connection_.get(), name.c_str(), given.count(), given.data(),
                            given.lengths(), given.formats(), 0));
}

void postgres_link::run_text_binary(const std::string& text,
                                    const std::vector<std::string>& values) {
  const binary_parameters given(values);
  check(PQsendQueryParams(connection_.get(), text.c_str(), given.count(), nullptr, given.data(),
                          given.lengths(), given.formats(), 0));
}

void postgres_link::sync() {
  check(PQpipelineSync(connection_.get()));
}

void postgres_link::flush() {
  if (PQflush(connection_.get()) < 0) lost(message());
}

void postgres_link::wait_for(short events, deadline until) const {
  for (;;) {
    // Rounded up; otherwise poll() would spin during the last millisecond.
    const auto left = std::chrono::ceil<milliseconds>(until - steady_clock::now()).count();
    if (left <= 0) lost("no answer in time");
    pollfd socket{PQsocket(connection_.get()), events, 0};
    const int ready = ::poll(&socket, 1, static_cast<int>(std::min<std::int64_t>(left, 60'000)));
    if (ready > 0) return;
    if (ready < 0 && errno != EINTR) lost(std::strerror(errno));
  }
}

/// Sends queued data and reads until a result is complete.
void postgres_link::await_input(deadline until) {
  while (PQisBusy(connection_.get()) == 1) {
    const int unsent = PQflush(connection_.get());
    // A server sends its reason before it closes the connection, so read the remaining data.
    wait_for(unsent == 1 ? POLLIN | POLLOUT : POLLIN, until);
    if (PQconsumeInput(connection_.get()) == 0 && PQisBusy(connection_.get()) == 1) {
      lost(message());
    }
  }
}

postgres_result postgres_link::next(deadline until) {
  await_input(until);
  return postgres_result(PQgetResult(connection_.get()));
}

postgres_result postgres_link::run_script(const std::string& text, deadline until) {
  check(PQexitPipelineMode(connection_.get()));
  check(PQsendQuery(connection_.get(), text.c_str()));
  postgres_result first_error;
  while (auto result = next(until)) {
    const auto status = PQresultStatus(result.get());
    if (status == PGRES_COPY_IN || status == PGRES_COPY_OUT) lost("a script must not use COPY");
    if (!first_error && status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK &&
        status != PGRES_EMPTY_QUERY) {
      first_error = std::move(result);
    }
  }
  if (PQstatus(connection_.get()) == CONNECTION_OK) check(PQenterPipelineMode(connection_.get()));
  return first_error;
}

bool postgres_link::alive() noexcept {
  // The end of the connection follows the server's last message, so read everything.
  for (pollfd socket{PQsocket(connection_.get()), POLLIN, 0}; ::poll(&socket, 1, 0) != 0;) {
    if (PQconsumeInput(connection_.get()) == 0) return false;
  }
  return PQstatus(connection_.get()) == CONNECTION_OK;
}

}  // namespace stoa::db
