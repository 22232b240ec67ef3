#pragma once
// A network in which packets are lost silently: unlike with a tcp_proxy or an absent host, no peer
// receives an RST or a FIN. Each node has a separate network namespace with a virtual cable to a
// bridge. The test process runs in such a namespace too, so that the machine's network is unchanged
// and nothing is left behind, however the test ends.

#include "tests/support/server.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <linux/capability.h>
#include <sched.h>
#include <stdexcept>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace stoa::test {

/// An unnamed network namespace: it ends with this object and the processes in it.
class net_space {
 public:
  /// The calling thread's namespace.
  net_space() : space_(::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC)) {
    if (space_ < 0) throw std::runtime_error("namespace: " + std::string(std::strerror(errno)));
  }
  ~net_space() { ::close(space_); }
  net_space(const net_space&) = delete;
  net_space& operator=(const net_space&) = delete;

  /// Creates one; the calling thread stays in its namespace.
  static std::unique_ptr<net_space> make() {
    const net_space here;
    if (::unshare(CLONE_NEWNET) != 0) {
      throw std::runtime_error("unshare: " + std::string(std::strerror(errno)));
    }
    auto made = std::make_unique<net_space>();
    here.enter();
    return made;
  }
  /// Moves the calling thread there: its new sockets and child processes belong to that namespace.
  void enter() const {
    if (::setns(space_, CLONE_NEWNET) != 0) {
      throw std::runtime_error("setns: " + std::string(std::strerror(errno)));
    }
  }
  /// For other programs.
  std::string path() const {
    return "/proc/" + std::to_string(::getpid()) + "/fd/" + std::to_string(space_);
  }

 private:
  int space_;
};

/// Moves the calling thread there for the lifetime of this object.
class visit {
 public:
  explicit visit(const net_space& there) { there.enter(); }
  ~visit() { back_.enter(); }
  visit(const visit&) = delete;
  visit& operator=(const visit&) = delete;

 private:
  net_space back_;
};

/// A new user namespace maps the process to no user, without rights over its networks. Maps it to
/// its former ids and keeps the rights for its child processes.
inline void stay(uid_t user, gid_t group) {
  const auto itself = [](auto id) { return std::to_string(id) + " " + std::to_string(id) + " 1"; };
  std::ofstream("/proc/self/setgroups") << "deny";
  std::ofstream("/proc/self/uid_map") << itself(user);
  std::ofstream("/proc/self/gid_map") << itself(group);
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> held{};
  ::syscall(SYS_capget, &header, held.data());
  for (auto& h : held) h.inheritable = h.permitted;
  ::syscall(SYS_capset, &header, held.data());
  // CAP_SYS_PTRACE is for net_space::path() of another process.
  for (const int right : {CAP_NET_ADMIN, CAP_SYS_PTRACE}) {
    ::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, right, 0, 0);
  }
}

class cut_network {
 public:
  /// The bridge's address, where the test process is reached. RFC 2544 reserves these networks for
  /// measurements.
  static constexpr const char* hub = "198.18.0.254";

  /// Moves this process into a new network with only a loopback, once; returns the reason when that
  /// fails. The process must be single-threaded.
  static std::string missing() {
    static const std::string why = live_apart();
    return why;
  }

  explicit cut_network(std::size_t nodes) {
    run("ip link add hub type bridge; ip link set hub address " + card(hub_number) + " up\n" +
        "ip address add " + std::string(hub) + "/24 dev hub");
    for (std::size_t i = 0; i < nodes; ++i) {
      spaces_.push_back(net_space::make());
      lay_cable(i, nodes);
    }
  }
  ~cut_network() {
    for (std::size_t i = 0; i < spaces_.size(); ++i) try_run("ip link delete " + port(i));
    try_run("ip link delete hub");
  }
  cut_network(const cut_network&) = delete;
  cut_network& operator=(const cut_network&) = delete;

  const net_space& space(std::size_t node) const { return *spaces_[node]; }
  static std::string address(std::size_t node) { return "198.18.0." + std::to_string(node + 1); }

  /// Drops all packets from and to the node until it is joined again.
  void cut(std::size_t node) { run("ip link set " + port(node) + " nomaster"); }
  void join(std::size_t node) { run("ip link set " + port(node) + " master hub"); }

 private:
  static constexpr std::size_t hub_number = 254;

  static std::string live_apart() {
    if (::access("/bin/ip", X_OK) != 0) return "iproute2 is not installed";
    const uid_t user = ::geteuid();
    const gid_t group = ::getegid();
    if (::unshare(CLONE_NEWNET | (user == 0 ? 0 : CLONE_NEWUSER)) != 0) {
      return "no permission to create a network namespace: " + std::string(std::strerror(errno));
    }
    if (user != 0) stay(user, group);
    // The kernel may be built without bridges.
    const auto tried = try_run(
        "ip link set lo up; ip link add hub type bridge; ip link delete hub\n"
        "ip link add one type veth peer name two; ip link delete one");
    return tried.exit_code == 0 ? "" : "cannot create a network: " + tried.output;
  }

  static finished_program try_run(const std::string& script) {
    return run_program("/bin/sh", {"-ec", script});
  }
  static void run(const std::string& script) {
    const auto done = try_run(script);
    if (done.exit_code != 0) throw std::runtime_error(script + ": " + done.output);
  }

  static std::string port(std::size_t node) { return "port-" + std::to_string(node + 1); }
  /// A network card's address; the number is the last byte of the host's.
  static std::string card(std::size_t number) {
    static constexpr std::string_view digits = "0123456789abcdef";
    return std::string("02:00:00:00:00:") + digits[number / 16] + digits[number % 16];
  }
  /// A static ARP entry: a failed ARP request would report the host as absent, which a client
  /// behind routers never learns.
  static std::string knows(const std::string& host, std::size_t number, const std::string& by) {
    return "ip neighbour replace " + host + " lladdr " + card(number) + " dev " + by +
           " nud permanent\n";
  }

  void lay_cable(std::size_t node, std::size_t nodes) {
    const net_space here;
    std::string there = "ip link set lo up\nip link add eth0 address " + card(node + 1) +
                        " type veth peer name " + port(node) + " netns " + here.path() +
                        "\nip address add " + address(node) +
                        "/24 dev eth0\nip link set eth0 up\n" + knows(hub, hub_number, "eth0");
    for (std::size_t i = 0; i < nodes; ++i) {
      if (i != node) there += knows(address(i), i + 1, "eth0");
    }
    {
      const visit away(space(node));
      run(there);
    }
    run("ip link set " + port(node) + " master hub up\n" + knows(address(node), node + 1, "hub"));
  }

  std::vector<std::unique_ptr<net_space>> spaces_;
};

}  // namespace stoa::test
