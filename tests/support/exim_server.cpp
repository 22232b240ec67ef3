#include "tests/support/exim_server.hpp"

#include <fstream>
#include <grp.h>
#include <pwd.h>
#include <stdexcept>
#include <unistd.h>

namespace stoa::test {
namespace {

// DIR, PORT, USER and GROUP are defined before it. Without exim_group, Exim changes to the group
// that Debian compiled in, which only root can do.
constexpr const char* configuration = R"(
exim_path = DIR/exim4
exim_user = USER
exim_group = GROUP
deliver_drop_privilege = true
primary_hostname = mail.test
daemon_smtp_ports = PORT
local_interfaces = 127.0.0.1
spool_directory = DIR/spool
log_file_path = DIR/%slog
pid_file_path = DIR/exim.pid
keep_environment =
host_lookup =
tls_certificate = DIR/server.crt
tls_privatekey = DIR/server.key
tls_advertise_hosts = *
acl_smtp_rcpt = check_recipient
acl_smtp_data = check_content
message_size_limit = 100K

begin acl
check_content:
  deny message = 5.7.1 Content refused
       condition = ${if match{$h_Subject:}{refused}}
  accept
check_recipient:
  deny message = 5.7.1 Authentication required
       !authenticated = *
  deny message = 5.1.1 No such user
       local_parts = missing
  defer message = 4.7.1 Greylisted
        local_parts = later
        condition = ${if exists{DIR/accept_later}{no}{yes}}
  accept

begin routers
all:
  driver = accept
  transport = folder

begin transports
folder:
  driver = appendfile
  file = DIR/mail/2026-01-01.1.mbox
  user = USER

begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = ${if and{{eq{$auth2}{shop}}{eq{$auth3}{s3cret}}}}
  server_set_id = $auth2
  server_advertise_condition = ${if def:tls_in_cipher}
)";

/// Defines USER and GROUP: those of the process that runs Exim.
std::string account_macros() {
  const auto user = server_user();
  const auto* const entry = user.empty() ? ::getpwuid(::geteuid()) : ::getpwnam(user.c_str());
  if (entry == nullptr) throw std::runtime_error("Exim needs a user with a name");
  const auto* const group = ::getgrgid(entry->pw_gid);
  if (group == nullptr) throw std::runtime_error("Exim needs a group with a name");
  return "USER = " + std::string(entry->pw_name) + "\nGROUP = " + group->gr_name + "\n";
}

}  // namespace

bool exim_server::available() {
  return system_program("exim4").has_value();
}

exim_server::exim_server() : system_server(server_user()) {
  const auto file = system_program("exim4");
  if (!file) throw std::runtime_error("exim4 is not installed");
  make_certificate();
  // A copy, as Debian's program is set-user-ID root: the kernel then clears the signal that ends it
  // with the test.
  const auto program = dir_ / "exim4";
  std::filesystem::copy_file(*file, program);
  std::filesystem::permissions(program, std::filesystem::perms{0755});
  const auto settings = dir_ / "exim.conf";
  std::ofstream(settings) << "DIR = " << dir_.path().string() << "\nPORT = " << port_ << "\n"
                          << account_macros() << configuration;
  std::filesystem::create_directory(dir_ / "spool");
  give_to_server_user(dir_ / "spool");
  prepare(program, {"-C", settings.string(), "-bdf"}, SIGTERM);
  start_and_await([this] { return first_bytes(port_, "", 4) == "220 "; });
}

void exim_server::accept_later() {
  std::ofstream(dir_ / "accept_later").close();
}

}  // namespace stoa::test
