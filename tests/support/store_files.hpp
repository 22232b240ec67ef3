#pragma once
// The databases of a store, attached to one SQLite connection under their services' names, the
// sandbox's ledger as `bank`. Files are read in place. A snapshot of data in PostgreSQL (and of
// carts in Redis) is copied first: a file beside the data folder, with its name and ".place", has
// its location (cluster_ground::note_place).

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

struct sqlite3;

namespace stoa::test {

class store_files {
 public:
  /// `gateway_ledger`: of `stoa gateway-simulator`; empty: the sandbox's. Throws
  /// std::runtime_error when a file is missing or a server does not answer.
  explicit store_files(const std::filesystem::path& data,
                       const std::filesystem::path& gateway_ledger = {});

  using row = std::vector<std::string>;  ///< NULL is ""
  std::vector<row> rows(const std::string& sql, const row& parameters = {});
  std::int64_t number(const std::string& sql);
  /// Runs a statement on the temporary tables of this connection.
  void run(const std::string& sql, const row& parameters = {}) { rows(sql, parameters); }

 private:
  struct closer {
    void operator()(sqlite3* db) const;
  };
  std::unique_ptr<sqlite3, closer> db_;
};

/// The location of a store that is not in files.
struct store_place {
  std::string postgres;  ///< URL with {service}
  std::string carts;     ///< URL in Redis; empty: in PostgreSQL
};
std::optional<store_place> place_of(const std::filesystem::path& data);

/// The services that have a database.
inline constexpr std::string_view service_databases[] = {
    "cart", "catalog", "notification", "order", "payment", "pricing", "user"};

}  // namespace stoa::test
