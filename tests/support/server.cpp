#include "tests/support/server.hpp"

#include "tests/support/http_client.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <csignal>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <mutex>
#include <netinet/in.h>
#include <poll.h>
#include <random>
#include <stdexcept>
#include <string_view>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

extern char** environ;  // NOLINT(readability-redundant-declaration): POSIX requires it

namespace stoa::test {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

cluster_mode* the_mode = nullptr;  ///< null: each server is alone

/// With the place of the store, when the arguments name a data folder and there is a cluster.
environment with_store(environment settings, const std::vector<std::string>& arguments) {
  if (!the_mode) return settings;
  const auto data = std::find(arguments.begin(), arguments.end(), "--data");
  if (data == arguments.end() || data + 1 == arguments.end()) return settings;
  auto store = the_mode->store_settings(*(data + 1));
  store.insert(store.end(), settings.begin(), settings.end());
  return store;
}

/// The pointers for exec; the strings must outlive them.
std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> list;
  list.reserve(texts.size() + 1);
  for (auto& t : texts) list.push_back(t.data());
  list.push_back(nullptr);
  return list;
}

std::vector<std::string> child_environment(const environment& settings) {
  std::map<std::string, std::string> last;
  for (char** e = environ; *e != nullptr; ++e) {
    const std::string_view text = *e;
    const auto equals = text.find('=');
    if (text.starts_with("STOA_") || equals == std::string_view::npos) continue;
    last.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  // A setting replaces an inherited variable. Of several with one name the last one counts; the
  // program might take any.
  for (const auto& [name, value] : settings) last[name] = value;
  std::vector<std::string> all;
  for (const auto& [name, value] : last) all.push_back(name + "=" + value);
  return all;
}

/// Starts the program with its output in the descriptor. It gets SIGKILL when the thread that
/// started it ends, so that nothing is left over from a test that crashed.
pid_t spawn(const fs::path& program, const std::vector<std::string>& arguments,
            const environment& settings, int output) {
  std::vector<std::string> words{program.string()};
  words.insert(words.end(), arguments.begin(), arguments.end());
  auto variables = child_environment(settings);
  auto argv = pointers(words);
  auto envp = pointers(variables);
  const pid_t parent = ::getpid();
  const pid_t child = ::fork();
  if (child < 0) throw std::runtime_error("fork: " + std::string(std::strerror(errno)));
  if (child > 0) return child;
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(126);
  const int null = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  ::dup2(null, STDIN_FILENO);
  ::dup2(output, STDOUT_FILENO);
  ::dup2(output, STDERR_FILENO);
  ::execve(argv[0], argv.data(), envp.data());
  ::_exit(127);
}

int exit_code_of(int status) {
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/// Waits for the process's end; nothing when it still runs after the limit.
std::optional<int> wait_end(pid_t pid, milliseconds limit) {
  const auto until = steady_clock::now() + limit;
  for (;;) {
    int status = 0;
    const pid_t ended = ::waitpid(pid, &status, WNOHANG);
    if (ended == pid) return exit_code_of(status);
    if (ended < 0) throw std::runtime_error("waitpid: " + std::string(std::strerror(errno)));
    if (steady_clock::now() >= until) return std::nullopt;
    std::this_thread::sleep_for(milliseconds{2});
  }
}

int open_output(const fs::path& file) {
  const int fd = ::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (fd < 0) throw std::runtime_error("cannot write " + file.string());
  return fd;
}

std::string end_of(const fs::path& file, std::size_t bytes) {
  std::ifstream in(file, std::ios::binary | std::ios::ate);
  if (!in) return {};
  const auto size = static_cast<std::size_t>(in.tellg());
  std::string text(std::min(size, bytes), '\0');
  in.seekg(static_cast<std::streamoff>(size - text.size()));
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  return text;
}

/// A program of the same build as this one.
fs::path built(const char* name) {
  const auto here = fs::read_symlink("/proc/self/exe").parent_path();
  for (const auto& folder : {here, here.parent_path(), fs::current_path()}) {
    if (fs::is_regular_file(folder / name)) return folder / name;
  }
  throw std::runtime_error("there is no program `" + std::string(name) + "` near " + here.string() +
                           "; STOA_TEST_BINARY may name `stoa`");
}

}  // namespace

void use_cluster_mode(cluster_mode* mode) {
  the_mode = mode;
}

fs::path stoa_binary() {
  for (const char* name : {"STOA_TEST_BINARY", "STOA_BINARY"}) {
    if (const char* path = std::getenv(name)) return path;
  }
  return built("stoa");
}

fs::path stoa_with_faults() {
  return built("faults/stoa");
}

fs::path stoa_with_new_service() {
  return built("new_service/stoa");
}

namespace {

/// The first port of the ephemeral range.
unsigned first_outgoing_port() {
  unsigned first = 0;
  std::ifstream("/proc/sys/net/ipv4/ip_local_port_range") >> first;
  return first == 0 ? 32'768 : first;
}

bool can_be_bound(std::uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const bool bound =
      fd >= 0 && ::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  if (fd >= 0) ::close(fd);
  return bound;
}

/// Ports reserved for this process while it runs, whether or not their servers listen. A block is
/// claimed by an abstract socket, whose name is unique in the network namespace.
class port_block {
 public:
  /// Empty.
  port_block() = default;

  static unsigned count() {
    return (std::max(first_port + 1'000, first_outgoing_port()) - first_port) / size;
  }

  /// An unclaimed block.
  static port_block claim() {
    static unsigned number = std::random_device{}();
    for (unsigned tries = 0; tries < count(); ++tries) {
      const auto block = ++number % count();
      if (claim_name("stoa-test-ports-" + std::to_string(block))) return port_block(block);
    }
    throw std::runtime_error("no free port: all blocks are claimed");
  }

  std::optional<std::uint16_t> next() {
    if (next_ == end_) return std::nullopt;
    return static_cast<std::uint16_t>(next_++);
  }

 private:
  explicit port_block(unsigned block) : next_(first_port + block * size), end_(next_ + size) {}

  /// The socket stays open until the process ends.
  static bool claim_name(const std::string& name) {
    const int fd = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    name.copy(address.sun_path + 1,
              sizeof address.sun_path - 1);  // A leading zero byte: an abstract name.
    const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
    if (fd < 0) throw std::runtime_error("socket: " + std::string(std::strerror(errno)));
    if (::bind(fd, reinterpret_cast<const sockaddr*>(&address), length) == 0) return true;
    ::close(fd);
    return false;
  }

  // Below the ephemeral range: under load an outgoing connection could take a port before its
  // server listens or during a restart.
  static constexpr unsigned first_port = 10'000;
  static constexpr unsigned size = 32;

  unsigned next_ = 0;
  unsigned end_ = 0;
};

}  // namespace

std::uint16_t free_port() {
  static std::mutex guard;
  static port_block block;
  const std::lock_guard lock(guard);
  for (unsigned tries = 0; tries < port_block::count(); ++tries) {
    while (const auto port = block.next()) {
      if (can_be_bound(*port)) return *port;
    }
    block = port_block::claim();
  }
  throw std::runtime_error("no free port");
}

bool raise_open_files(std::uint64_t count) {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_cur >= count) return true;
  if (limit.rlim_max < count) {
    rlimit higher{count, count};  // Permitted for a privileged process.
    return ::setrlimit(RLIMIT_NOFILE, &higher) == 0;
  }
  limit.rlim_cur = count;
  return ::setrlimit(RLIMIT_NOFILE, &limit) == 0;
}

finished_program run_program(const fs::path& program, const std::vector<std::string>& arguments,
                             const environment& settings, milliseconds limit) {
  std::array<int, 2> pipe{};
  if (::pipe2(pipe.data(), O_CLOEXEC) != 0) throw std::runtime_error("pipe");
  const pid_t pid = spawn(program, arguments, with_store(settings, arguments), pipe[1]);
  ::close(pipe[1]);
  finished_program result;
  const auto until = steady_clock::now() + limit;
  for (;;) {
    const auto left = std::chrono::duration_cast<milliseconds>(until - steady_clock::now());
    pollfd readable{pipe[0], POLLIN, 0};
    if (left.count() <= 0 || ::poll(&readable, 1, static_cast<int>(left.count())) <= 0) break;
    std::array<char, 4096> piece{};
    const auto bytes = ::read(pipe[0], piece.data(), piece.size());
    if (bytes <= 0) break;
    result.output.append(piece.data(), static_cast<std::size_t>(bytes));
  }
  ::close(pipe[0]);
  const auto left = std::chrono::duration_cast<milliseconds>(until - steady_clock::now());
  auto ended = wait_end(pid, std::max(left, milliseconds{0}));
  if (!ended) {
    ::kill(pid, SIGKILL);
    wait_end(pid, std::chrono::seconds{10});
  }
  result.exit_code = ended.value_or(124);
  return result;
}

void load_demo(const fs::path& program, const fs::path& data, int products, int stock, int seed) {
  const auto done =
      run_program(program, {"demo", "--data", data.string(), "--products", std::to_string(products),
                            "--stock", std::to_string(stock), "--seed", std::to_string(seed)});
  if (done.exit_code != 0) {
    throw std::runtime_error("stoa demo ended with " + std::to_string(done.exit_code) + ": " +
                             done.output);
  }
}

server::server(server_options options) : options_(std::move(options)) {
  if (options_.program.empty()) options_.program = stoa_binary();
  if (options_.port == 0) options_.port = free_port();
  if (!the_mode || options_.alone) return;
  companions_ = the_mode->join(options_);
  options_.settings = companions_->front_settings();
}

server::~server() {
  try {
    kill();
  } catch (const std::exception&) {
    pid_ = -1;  // A process that cannot be waited for is given up.
  }
}

void server::launch() {
  if (running()) throw std::logic_error("the server is already running");
  std::vector<std::string> arguments{"serve", "--listen",
                                     "127.0.0.1:" + std::to_string(options_.port), "--data",
                                     options_.data.string()};
  arguments.insert(arguments.end(), options_.arguments.begin(), options_.arguments.end());
  const int log = open_output(log_file());
  pid_ = spawn(options_.program, arguments, options_.settings, log);
  ::close(log);
  if (companions_) companions_->launch();
}

void server::await_ready() {
  const auto until = steady_clock::now() + options_.ready_limit;
  http_client client(options_.port, std::chrono::seconds{5});
  while (steady_clock::now() < until) {
    if (!running()) throw std::runtime_error("the server exited during startup:\n" + log_end());
    try {
      if (client.get("/readyz?require=all").status == 200) {
        if (companions_) companions_->await_ready();
        return;
      }
    } catch (const http_failure&) {
      // Not listening yet.
    }
    std::this_thread::sleep_for(milliseconds{10});
  }
  throw std::runtime_error("the server is not ready in time:\n" + log_end());
}

void server::start() {
  launch();
  await_ready();
}

bool server::running() {
  if (pid_ < 0) return false;
  if (!wait_end(pid_, milliseconds{0})) return true;
  pid_ = -1;
  return false;
}

void server::kill() {
  kill_alone();
  if (companions_) companions_->kill();
}

void server::kill_alone() {
  if (pid_ < 0) return;
  ::kill(pid_, SIGKILL);
  if (!wait_end(pid_, std::chrono::seconds{20})) {
    throw std::runtime_error("the server is still running after SIGKILL");
  }
  pid_ = -1;
}

namespace {

/// The process's pending signals and the state of each thread.
std::string threads_of(pid_t pid) {
  const std::string process = "/proc/" + std::to_string(pid);
  std::string found;
  std::ifstream status(process + "/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("S") || line.starts_with("ShdPnd")) found += line + "\n";
  }
  std::error_code ignored;
  for (const auto& task : std::filesystem::directory_iterator(process + "/task", ignored)) {
    for (const char* file : {"/comm", "/wchan", "/syscall"}) {
      std::ifstream in(task.path().string() + file);
      std::string line;
      std::getline(in, line);
      found += line + " ";
    }
    found += "\n";
  }
  return found;
}

}  // namespace

std::optional<int> server::stop(milliseconds limit) {
  if (pid_ < 0) return std::nullopt;
  ::kill(pid_, SIGTERM);
  const auto ended = wait_end(pid_, limit);
  if (ended) {
    pid_ = -1;
  } else {
    std::cerr << "a server did not end after SIGTERM:\n" << threads_of(pid_);
    kill_alone();
  }
  if (companions_ && !companions_->stop(limit)) return std::nullopt;
  return ended;
}

void server::freeze() {
  if (pid_ >= 0) ::kill(pid_, SIGSTOP);
}

void server::thaw() {
  if (pid_ >= 0) ::kill(pid_, SIGCONT);
}

std::string server::log_end(std::size_t bytes) const {
  return end_of(log_file(), bytes);
}

std::int64_t server::memory_kb() const {
  std::ifstream status("/proc/" + std::to_string(pid_) + "/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmRSS:")) return std::atoll(line.c_str() + 6);
  }
  return 0;
}

}  // namespace stoa::test
