#pragma once
// A separate socket in front of each service's database, which can be redirected to another server,
// as an address that moves in a failover.

#include "tests/support/postgres_server.hpp"
#include "tests/support/store_files.hpp"

#include <fstream>

namespace stoa::test {

class service_sockets {
 public:
  service_sockets(const std::filesystem::path& folder, std::string store)
      : folder_(folder), store_(std::move(store)) {
    for (const auto service : service_databases) {
      std::filesystem::create_directories(folder_ / std::string(service));
    }
  }

  void lead_all_to(const postgres_server& s) const {
    for (const auto service : service_databases) lead(std::string(service), s);
  }
  void lead(const std::string& service, const postgres_server& s) const {
    const auto link = folder_ / service / ".s.PGSQL.5432";
    const auto next = folder_ / service / "next";
    std::filesystem::create_symlink(s.socket(), next);
    std::filesystem::rename(next, link);
  }
  /// With {service}, as postgres.url.
  std::string url() const {
    std::string folder;
    for (const char c : folder_.string()) folder += c == '/' ? "%2F" : std::string(1, c);
    return "postgresql://stoa@" + folder + "%2F{service}:5432/" + store_ + "_{service}";
  }
  /// Makes store_files use these sockets.
  void note_place(const std::filesystem::path& data) const {
    std::ofstream(data.string() + ".place") << url() << "\n";
  }

 private:
  std::filesystem::path folder_;
  std::string store_;
};

}  // namespace stoa::test
