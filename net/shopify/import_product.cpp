#include "net/shopify/import_product.hpp"

#include "net/shopify/values.hpp"

#include <sodium.h>

namespace stoa::shopify {

namespace {

/// Part of all ids: another value changes the id of every imported product.
constexpr std::string_view hash_key = "stoa.shopify.ids.v1";

/// Hashes texts with their lengths, so that {"ab", "c"} and {"a", "bc"} differ.
class id_hash {
 public:
  explicit id_hash(std::string_view kind) {
    crypto_generichash_init(&state_, reinterpret_cast<const unsigned char*>(hash_key.data()),
                            hash_key.size(), size);
    add(kind);
  }

  void add(std::string_view text) {
    add(text.size());
    crypto_generichash_update(&state_, reinterpret_cast<const unsigned char*>(text.data()),
                              text.size());
  }

  void add(std::uint64_t number) {
    unsigned char bytes[8];
    for (int i = 0; i < 8; ++i) bytes[i] = static_cast<unsigned char>(number >> (8 * i));
    crypto_generichash_update(&state_, bytes, sizeof bytes);
  }

  uuid finish() {
    uuid made;
    crypto_generichash_final(&state_, made.bytes.data(), size);
    made.bytes[6] = static_cast<std::uint8_t>((made.bytes[6] & 0x0FU) | 0x80U);  // version 8
    made.bytes[8] =
        static_cast<std::uint8_t>((made.bytes[8] & 0x3FU) | 0x80U);  // variant of RFC 9562
    return made;
  }

 private:
  static constexpr std::size_t size = 16;
  crypto_generichash_state state_{};
};

}  // namespace

product_id id_for(std::string_view handle) {
  id_hash hash("product");
  hash.add(handle);
  return {hash.finish()};
}

product_id id_for(std::string_view handle, const std::vector<std::string>& option_values) {
  id_hash hash("variant");
  hash.add(handle);
  for (const std::string& value : option_values) hash.add(value);
  return {hash.finish()};
}

image_id image_id_for(std::string_view handle, std::string_view src, std::size_t occurrence) {
  id_hash hash("image");
  hash.add(handle);
  hash.add(src);
  hash.add(occurrence);
  return {hash.finish()};
}

category_id category_id_for(const std::vector<std::string>& path) {
  id_hash hash("category");
  for (const std::string& name : path) hash.add(name);
  return {hash.finish()};
}

std::vector<std::string> category_path(std::string_view type) {
  std::vector<std::string> path;
  std::string name;
  auto end_level = [&] {
    if (auto trimmed = trim(name); !trimmed.empty()) path.emplace_back(trimmed);
    name.clear();
  };
  for (std::size_t i = 0; i < type.size(); ++i) {
    const bool escapes =
        type[i] == '\\' && i + 1 < type.size() && (type[i + 1] == '>' || type[i + 1] == '\\');
    if (type[i] == '>') {
      end_level();
    } else {
      if (escapes) ++i;
      name += type[i];
    }
  }
  end_level();
  return path;
}

std::string type_of(const std::vector<std::string>& category) {
  std::string type;
  for (const std::string& name : category) {
    if (!type.empty()) type += " > ";
    for (char c : name) {
      if (c == '>' || c == '\\') type += '\\';
      type += c;
    }
  }
  return type;
}

}  // namespace stoa::shopify
