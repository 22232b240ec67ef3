#include "net/media/media_service.hpp"

#include "config/log.hpp"

#include <optional>

namespace stoa::media {

namespace {

/// Entries of files that are no longer sent are removed above this number.
constexpr std::size_t served_max = 1024;

}  // namespace

media_service::media_service(std::shared_ptr<media_store> store, const media_limits& limits,
                             prometheus::Registry* registry)
    : store_(std::move(store)),
      limits_(limits),
      metrics_(registry),
      pool_(store_ ? limits.threads : 0, limits.queue_max) {}

void media_service::stop() {
  stopping_ = true;
  if (store_) store_->stop();
  pool_.stop();
}

bool media_service::put(std::string name, std::string content_type, std::string_view bytes,
                        std::shared_ptr<const void> owner, std::function<void(bool)> done) {
  return pool_.add([this, name = std::move(name), content_type = std::move(content_type), bytes,
                    owner = std::move(owner), done = std::move(done)]() mutable {
    bool is_stored = false;
    try {
      put_now(name, content_type, bytes);
      is_stored = true;
    } catch (const std::exception& e) {
      log::warn("cannot store an uploaded file", {{"error", std::string(e.what())}});
    }
    owner.reset();
    done(is_stored);
  });
}

bool media_service::read(std::string name, std::function<void(file_read)> done) {
  return pool_.add([this, name = std::move(name), done = std::move(done)] {
    file_read result;
    try {
      result = load(name);
    } catch (const std::exception& e) {
      log::warn("cannot read an uploaded file", {{"error", std::string(e.what())}});
      result.how = file_read::outcome::failed;
    }
    done(std::move(result));
  });
}

file_read media_service::load(const std::string& name) {
  if (auto served = find_served(name)) return {file_read::outcome::found, std::move(served)};
  if (*served_bytes_ >= limits_.served_bytes_max) return {file_read::outcome::overloaded};
  auto bytes = get_now(name);
  if (!bytes) return {file_read::outcome::missing};
  return {file_read::outcome::found, serve(name, std::move(*bytes))};
}

std::shared_ptr<const std::string> media_service::find_served(const std::string& name) {
  const std::scoped_lock lock(mutex_);
  const auto found = served_.find(name);
  return found == served_.end() ? nullptr : found->second.lock();
}

std::shared_ptr<const std::string> media_service::serve(const std::string& name,
                                                        std::string bytes) {
  const auto size = bytes.size();
  *served_bytes_ += size;
  std::shared_ptr<const std::string> file(new std::string(std::move(bytes)),
                                          [total = served_bytes_, size](const std::string* gone) {
                                            delete gone;
                                            *total -= size;
                                          });
  const std::scoped_lock lock(mutex_);
  if (served_.size() >= served_max) {
    std::erase_if(served_, [](const auto& entry) { return entry.second.expired(); });
  }
  if (served_.size() < served_max) served_[name] = file;
  return file;
}

void media_service::put_now(const std::string& name, std::string_view content_type,
                            std::string_view bytes) {
  try {
    store_->put(name, content_type, bytes);
  } catch (const store_error&) {
    metrics_.called("put", "failed", 0);
    throw;
  }
  metrics_.called("put", "ok", bytes.size());
}

std::optional<std::string> media_service::get_now(const std::string& name) {
  std::optional<std::string> bytes;
  try {
    bytes = store_->get(name, limits_.file_bytes_max);
  } catch (const store_error&) {
    metrics_.called("get", "failed", 0);
    throw;
  }
  metrics_.called("get", bytes ? "ok" : "missing", bytes ? bytes->size() : 0);
  return bytes;
}

void media_service::remove_now(const std::string& name) {
  try {
    store_->remove(name);
  } catch (const store_error&) {
    metrics_.called("remove", "failed", 0);
    throw;
  }
  metrics_.called("remove", "ok", 0);
}

}  // namespace stoa::media
