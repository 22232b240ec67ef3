#include "net/cli/version.hpp"

#include <CLI/Version.hpp>
#include <boost/version.hpp>
#include <libpq-fe.h>
#include <openssl/crypto.h>
#include <sodium.h>
#include <spdlog/version.h>
#include <sqlite3.h>
#include <unicode/uversion.h>

#include <array>
#include <hiredis/hiredis.h>
#include <nats/nats.h>
#include <utility>

namespace stoa::cli {

namespace {

std::string number(int major, int minor, int patch) {
  return std::to_string(major) + "." + std::to_string(minor) + "." + std::to_string(patch);
}

std::string icu_version() {
  UVersionInfo version{};
  u_getVersion(version);
  std::array<char, U_MAX_VERSION_STRING_LENGTH> text{};
  u_versionToString(version, text.data());
  return text.data();
}

}  // namespace

std::string version_line(const std::string& commit) {
  return "stoa " STOA_VERSION + (commit.empty() ? "" : " (commit " + commit + ")");
}

std::string version_details(const std::string& commit) {
  const int pq = PQlibVersion();
  const std::pair<const char*, std::string> parts[] = {
      {"compiler", "GCC " __VERSION__},
      {"Boost", number(BOOST_VERSION / 100'000, BOOST_VERSION / 100 % 1000, BOOST_VERSION % 100)},
      {"CLI11", CLI11_VERSION},
      {"hiredis", number(HIREDIS_MAJOR, HIREDIS_MINOR, HIREDIS_PATCH)},
      {"ICU", icu_version()},
      {"libpq", std::to_string(pq / 10'000) + "." + std::to_string(pq % 10'000)},
      {"libsodium", sodium_version_string()},
      {"NATS client", nats_GetVersion()},
      {"OpenSSL", OpenSSL_version(OPENSSL_VERSION_STRING)},
      {"spdlog", number(SPDLOG_VER_MAJOR, SPDLOG_VER_MINOR, SPDLOG_VER_PATCH)},
      {"SQLite", sqlite3_libversion()}};
  std::string text = version_line(commit) + "\n";
  for (const auto& [name, version] : parts) text += "  " + std::string(name) + " " + version + "\n";
  return text;
}

}  // namespace stoa::cli
