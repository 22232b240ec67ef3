#include "net/cli/backup_media.hpp"

#include "actors/catalog/image_name.hpp"
#include "net/cli/databases.hpp"
#include "net/media/aws_signature.hpp"
#include "net/media/folder_store.hpp"

#include <cstdio>
#include <fstream>
#include <functional>
#include <stdexcept>

namespace stoa::cli {

namespace {

namespace fs = std::filesystem;
using media::folder_store;

/// Above the largest value of media.image_bytes_max.
constexpr std::size_t media_file_bytes_max = 80 << 20;
constexpr std::size_t hash_digits = 64;

/// Calls f(path, name) for each file of the media folder, in no order.
void for_each_file(const fs::path& folder,
                   const std::function<void(const fs::path&, const std::string&)>& f) {
  std::error_code error;
  if (!fs::is_directory(folder, error)) return;
  for (const auto& sub : fs::directory_iterator(folder)) {
    if (!sub.is_directory()) continue;
    for (const auto& entry : fs::directory_iterator(sub.path())) {
      const auto name = entry.path().filename().string();
      if (folder / folder_store::path_in(name) == entry.path()) f(entry.path(), name);
    }
  }
}

/// Calls f(checksum, name) for each line of the list.
void for_each_line(const fs::path& backup,
                   const std::function<void(const std::string&, const std::string&)>& f) {
  const auto list = backup / media_list_name;
  std::ifstream in(list);
  for (std::string line; std::getline(in, line);) {
    const bool is_long = line.size() > hash_digits + 2;
    const auto name = is_long ? fs::path(line.substr(hash_digits + 2)).filename().string() : "";
    if (folder_store::path_in(name).empty()) {
      throw std::runtime_error(list.string() + ": it has an invalid line");
    }
    f(line.substr(0, hash_digits), name);
  }
  if (in.bad()) throw std::runtime_error(list.string() + ": it cannot be read");
}

std::string file_in(folder_store& folder, const fs::path& backup, const std::string& name) {
  auto bytes = folder.get(name, media_file_bytes_max);
  if (!bytes) throw std::runtime_error((backup / media_folder_name / name).string() + ": missing");
  return std::move(*bytes);
}

}  // namespace

std::uint64_t media_bytes(const settings& s) {
  std::uint64_t sum = 0;
  if (s.media.store != "folder") return sum;
  for_each_file(media_dir_of(s), [&](const fs::path& path, const std::string&) {
    std::error_code error;
    const auto bytes = fs::file_size(path, error);
    if (!error) sum += bytes;
  });
  return sum;
}

std::optional<backup_part> copy_media(const settings& s, const fs::path& backup) {
  const auto from = media_dir_of(s);
  std::error_code error;
  if (s.media.store != "folder" || !fs::is_directory(from, error)) return std::nullopt;
  folder_store source(from);
  folder_store target(backup / media_folder_name);
  std::string list;
  for_each_file(from, [&](const fs::path& path, const std::string& name) {
    const auto bytes = source.get(name, media_file_bytes_max);
    if (!bytes) return;  // It was deleted in the meantime, so no image had it.
    const auto sum = media::sha256_hex(*bytes);
    const auto hash = catalog::hash_in(name);
    if (hash && *hash != sum) {
      std::fprintf(stderr, "stoa: warning: %s is damaged\n", path.c_str());
    }
    target.put(name, {}, *bytes);
    list += sum + "  " + folder_store::path_in(name).string() + "\n";
  });
  media::write_media_file(backup / media_list_name, list);
  sync_folder(backup / media_folder_name);
  return backup_part{
      media_folder_name, media_list_name, static_cast<std::int64_t>(list.size()), {}};
}

void verify_media(const fs::path& backup) {
  folder_store folder(backup / media_folder_name);
  for_each_line(backup, [&](const std::string& sum, const std::string& name) {
    if (media::sha256_hex(file_in(folder, backup, name)) == sum) return;
    throw std::runtime_error((backup / media_folder_name / folder_store::path_in(name)).string() +
                             ": checksum mismatch: the backup is damaged");
  });
}

std::int64_t restore_media(const settings& s, const fs::path& backup) {
  const auto to = media_dir_of(s);
  folder_store source(backup / media_folder_name);
  folder_store target(to);
  std::int64_t count = 0;
  for_each_line(backup, [&](const std::string&, const std::string& name) {
    const auto bytes = file_in(source, backup, name);
    std::error_code error;
    const auto size = fs::file_size(to / folder_store::path_in(name), error);
    if (!error && size == bytes.size()) return;
    target.put(name, {}, bytes);
    ++count;
  });
  return count;
}

}  // namespace stoa::cli
