#include "net/cli/store_parts.hpp"

#include "actors/kernel/node.hpp"
#include "config/services.hpp"
#include "net/cli/databases.hpp"
#include "net/cli/store.hpp"
#include "net/token/private_file.hpp"
#include "storage/base/json_read.hpp"
#include "storage/base/json_write.hpp"
#include "storage/db/columns.hpp"
#include "storage/db/sqlite.hpp"

#include <array>
#include <cerrno>
#include <fstream>
#include <stdexcept>
#include <system_error>
#include <unistd.h>

namespace stoa::cli {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t record_bytes_max = 64 * std::size_t{1024};
constexpr std::size_t mark_bytes_max = 256;
constexpr std::string_view sqlite_magic{"SQLite format 3\0", 16};
constexpr std::size_t sqlite_header_bytes = 100;

const db::sql find_tables{"find tables",
                          "SELECT name FROM sqlite_schema WHERE type='table' AND name IN"
                          " ('store_member','partition','outbox','charges')"};
const db::sql find_mark{"find mark", "SELECT store_id FROM store_member WHERE service=$1"};
const db::sql find_use{"find use", "SELECT coalesce(max(epoch),0) FROM partition"};

std::uint32_t big_endian(std::string_view bytes) {
  std::uint32_t n = 0;
  for (const char c : bytes) n = n << 8U | static_cast<std::uint8_t>(c);
  return n;
}

/// Describes a damaged header (https://sqlite.org/fileformat.html, 1.3); empty if it is valid.
std::string header_error(const fs::path& file, std::uintmax_t bytes) {
  std::array<char, sqlite_header_bytes> held{};
  std::ifstream in(file, std::ios::binary);
  if (!in) return "it cannot be opened";
  in.read(held.data(), held.size());
  const std::string_view header(held.data(), static_cast<std::size_t>(in.gcount()));
  if (!header.starts_with(sqlite_magic) || header.size() < sqlite_header_bytes) {
    return "it is not an SQLite database";
  }
  auto page_bytes = std::uintmax_t{big_endian(header.substr(16, 2))};
  if (page_bytes == 1) page_bytes = 65'536;
  const auto pages = big_endian(header.substr(28, 4));
  std::error_code error;
  const auto log_bytes = fs::file_size(file.string() + "-wal", error);
  // With a WAL file, the database file may be behind.
  const bool is_alone = error || log_bytes == 0;
  if (is_alone && header.substr(24, 4) == header.substr(92, 4) && bytes < pages * page_bytes) {
    return "truncated: " + std::to_string(bytes) + " of " + std::to_string(pages * page_bytes) +
           " bytes";
  }
  return {};
}

void inspect_database(store_part& p, const std::string& service, db::sqlite_mode mode) {
  const auto c = db::open_sqlite(p.path.string(), mode);
  bool has_marks = false;
  bool has_partitions = false;
  bool is_used = false;
  c->query({&find_tables, {}}, [&](db::row r) {
    const auto& name = std::get<std::string>(r[0]);
    has_marks = has_marks || name == "store_member";
    has_partitions = has_partitions || name == "partition";
    is_used = is_used || name == "charges";
  });
  if (has_marks) {
    c->query({&find_mark, db::params(service)}, [&](db::row r) {
      p.state = part_state::marked;
      p.store_id = std::get<std::string>(r[0]);
    });
    if (p.state == part_state::marked) return;
  }
  if (has_partitions) {
    c->query({&find_use, {}}, [&](db::row r) { is_used = std::get<std::int64_t>(r[0]) > 0; });
  }
  p.state = is_used ? part_state::unmarked : part_state::fresh;
}

store_part inspect_file(std::string name, fs::path path, const std::string& service,
                        db::sqlite_mode mode = db::sqlite_mode::inspect) {
  store_part p{std::move(name), std::move(path)};
  std::error_code error;
  const auto bytes = fs::file_size(p.path, error);
  if (error == std::errc::no_such_file_or_directory) return p;
  if (!error && ::access(p.path.c_str(), R_OK) != 0) {
    error = {errno, std::generic_category()};
  }
  if (error) {
    p.state = part_state::unreadable;
    p.error = error.message();
    return p;
  }
  p.state = part_state::damaged;
  if (bytes == 0) {
    p.state = part_state::empty;
    return p;
  }
  p.error = header_error(p.path, bytes);
  if (!p.error.empty()) return p;
  try {
    inspect_database(p, service, mode);
  } catch (const std::exception& e) {
    p.state = part_state::damaged;
    p.error = e.what();
  }
  return p;
}

store_part inspect_mail(const settings& s) {
  store_part p{"mail", mail_dir_of(s)};
  std::error_code error;
  if (!fs::is_directory(p.path, error)) return p;
  const auto mark = mail_mark_of(s);
  if (fs::exists(mark, error)) {
    const auto text = token::read_private_file(mark, mark_bytes_max);
    p.state = text ? part_state::marked : part_state::damaged;
    if (!text) p.error = text.error().detail;
    if (text) p.store_id = text->substr(0, text->find('\n'));
    return p;
  }
  p.state = fs::is_empty(p.path, error) ? part_state::fresh : part_state::unmarked;
  return p;
}

void add_keys(const settings& s, store_view& v) {
  const auto folder = keys_dir_of(s);
  v.secret.path = folder / "server.secret";
  v.token_key.path = folder / "token-key.json";
  std::error_code error;
  v.secret.is_there = fs::exists(fs::symlink_status(v.secret.path, error));
  v.token_key.is_there = fs::exists(fs::symlink_status(v.token_key.path, error));
  if (v.secret.is_there) {
    const auto secret = token::load_or_create_secret(folder);
    if (secret) v.secret.id = token::store_id_of(*secret);
    if (!secret) v.secret.error = secret.error().detail;
  }
  if (v.token_key.is_there) {
    const auto key = token::token_keys::load_or_create(folder);
    if (key) v.token_key.id = key->key_ids().front();
    if (!key) v.token_key.error = key.error().detail;
  }
}

void read_store_record(store_view& v) {
  std::error_code error;
  if (!fs::exists(fs::symlink_status(v.record_path, error))) return;
  const auto text = token::read_private_file(v.record_path, record_bytes_max);
  if (!text) {
    v.record_error = text.error().detail;
    return;
  }
  auto record = json::read_lenient<store_record>(*text);
  if (record && !record->store_id.empty()) {
    v.record = std::move(*record);
  } else {
    v.record_error = "it is not a valid store record";
  }
}

/// Writes a temporary file first, so that the file is complete at any time.
void write_whole(const fs::path& file, const std::string& text) {
  if (auto done = token::replace_private_file(file, text); !done) {
    throw std::runtime_error(done.error().detail);
  }
}

}  // namespace

store_view inspect_store(const settings& s) {
  store_view v{record_of(s)};
  read_store_record(v);
  for (const auto& service : config::service_names()) {
    if (!runs_here(s, service) || s.data.store != "sqlite") continue;
    if (service == "cart" && s.cart.store == "redis") continue;
    v.parts.push_back(
        inspect_file(part_of(service), kernel::database_path(s.data.dir, service), service));
  }
  if (runs_here(s, "payment")) {
    // A ledger outside the data directory may be shared with nodes that are writing to it now.
    const bool is_own = s.payment.sandbox_ledger.empty();
    v.parts.push_back(inspect_file("ledger", ledger_of(s), "ledger",
                                   is_own ? db::sqlite_mode::inspect : db::sqlite_mode::read));
  }
  if (runs_here(s, "notification") && s.notification.email == "mbox") {
    v.parts.push_back(inspect_mail(s));
  }
  // Read the secret last: if another node is creating the store, its id appears in parts only after
  // the secret is written.
  add_keys(s, v);
  return v;
}

store_view inspect_keys(const settings& s) {
  store_view v{record_of(s)};
  read_store_record(v);
  add_keys(s, v);
  return v;
}

fs::path mail_mark_of(const settings& s) {
  return mail_dir_of(s) / "store.id";
}

fs::path record_of(const settings& s) {
  return fs::path(s.data.dir) / "store.json";
}

void write_record(const fs::path& file, const store_record& record) {
  write_whole(file, json::write(record) + "\n");
}

void mark_mail(const settings& s, const std::string& store_id) {
  const auto mark = mail_mark_of(s);
  std::error_code error;
  if (!fs::exists(mark, error)) write_whole(mark, store_id + "\n");
}

}  // namespace stoa::cli
