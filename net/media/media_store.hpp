#pragma once
// Where uploaded files are stored. Names are those of actors/catalog/image_name.hpp; the content of
// a name never changes, so storing it again is harmless.

#include <cstddef>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace stoa::media {

/// The store cannot be used: the disk is full, a server does not respond or rejects the key. The
/// message is for the log.
struct store_error : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Its functions block; any thread may call them. They throw store_error.
class media_store {
 public:
  virtual ~media_store() = default;
  /// The file is durable when this returns.
  virtual void put(const std::string& name, std::string_view content_type,
                   std::string_view bytes) = 0;
  /// Nothing if there is no such file. store_error if it is larger than `bytes_max`.
  virtual std::optional<std::string> get(const std::string& name, std::size_t bytes_max) = 0;
  /// Does nothing if there is no such file.
  virtual void remove(const std::string& name) = 0;
  /// Ends running calls with store_error, as far as that is possible, and rejects further ones.
  virtual void stop() {}
  /// Whether GET /media/ serves its files.
  virtual bool is_served_here() const = 0;
};

}  // namespace stoa::media
