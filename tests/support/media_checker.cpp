#include "tests/support/media_checker.hpp"

#include <sodium.h>

#include <array>
#include <fstream>
#include <iterator>

namespace stoa::test {

namespace {

namespace fs = std::filesystem;

/// The files that images of products refer to, with the originals' sizes and hashes.
constexpr const char* referenced = R"(
  SELECT DISTINCT i.file_id, json_extract(i.file, '$.name') AS name,
    json_extract(i.file, '$.bytes'), coalesce(f.state, 'none')
  FROM catalog_db.product_images i JOIN catalog_db.products p ON p.product_id = i.product_id
  LEFT JOIN catalog_db.media_files f ON f.file_id = i.file_id
  WHERE i.file_id IS NOT NULL AND p.status <> 'Deleted')";
constexpr const char* thumbnails = R"(
  SELECT DISTINCT json_extract(t.value, '$.name')
  FROM catalog_db.product_images i JOIN catalog_db.products p ON p.product_id = i.product_id,
    json_each(i.file, '$.thumbnails') t
  WHERE i.file_id IS NOT NULL AND p.status <> 'Deleted')";

std::string content_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string sha256_of_bytes(const std::string& bytes) {
  std::array<unsigned char, crypto_hash_sha256_BYTES> sum{};
  crypto_hash_sha256(sum.data(), reinterpret_cast<const unsigned char*>(bytes.data()),
                     bytes.size());
  std::string text(2 * sum.size() + 1, '\0');
  sodium_bin2hex(text.data(), text.size(), sum.data(), sum.size());
  text.pop_back();
  return text;
}

}  // namespace

std::vector<std::string> media_violations(store_files& files, const fs::path& folder) {
  std::vector<std::string> found;
  for (const auto& row : files.rows(referenced)) {
    const auto& id = row[0];
    const auto& name = row[1];
    const auto file = folder / name.substr(0, 2) / name;
    if (row[3] != "stored") found.push_back("an image's file is not recorded as stored: " + id);
    if (!fs::exists(file)) {
      found.push_back("an image's file is missing: " + name);
      continue;
    }
    const auto bytes = content_of(file);
    if (!name.starts_with(id) || sha256_of_bytes(bytes) != id ||
        std::to_string(bytes.size()) != row[2]) {
      found.push_back("an image's file has another content: " + name);
    }
  }
  for (const auto& row : files.rows(thumbnails)) {
    const auto file = folder / row[0].substr(0, 2) / row[0];
    if (!content_of(file).starts_with("RIFF")) {
      found.push_back("a thumbnail is missing or damaged: " + row[0]);
    }
  }
  return found;
}

}  // namespace stoa::test
