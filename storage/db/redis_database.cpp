#include "config/log.hpp"
#include "storage/db/redis_connection.hpp"

#include <atomic>
#include <charconv>

namespace stoa::db {

namespace {

/// Goes up when keys or records change their form; a program refuses data of a newer one.
constexpr int format_version = 1;
constexpr int oldest_server = 7;

/// The number before the first dot of "redis_version:7.0.15" in INFO's text; 0 when it is not
/// there.
int server_version(const std::string& info) {
  constexpr std::string_view name = "redis_version:";
  const auto at = info.find(name);
  int version = 0;
  if (at != std::string::npos) {
    std::from_chars(info.data() + at + name.size(), info.data() + info.size(), version);
  }
  return version;
}

/// What is looked at when a connection is made; shared by the database and its connections.
class greeter {
 public:
  greeter(std::string name, std::string key) : name_(std::move(name)), key_(std::move(key)) {}

  const std::string& name() const { return name_; }

  /// Writes the format into a store that has none; returns whether it had none.
  bool make_format(redis_client& c) const {
    const auto made = c.run({{"SET", key_, std::to_string(format_version), "NX"}});
    if (made.failed()) throw redis_error("SET " + key_, made);
    return made.kind != redis_answer::type::nil;
  }

  void check_format(redis_client& c) const {
    const auto found = c.run({{"GET", key_}});
    if (found.failed()) throw redis_error("GET " + key_, found);
    if (found.kind == redis_answer::type::nil) {
      throw error(error_kind::unavailable, data_lost,
                  name_ + ": no data of Stoa here; they are gone, or it was never migrated");
    }
    int version = 0;
    const auto* end = found.text.data() + found.text.size();
    if (std::from_chars(found.text.data(), end, version).ptr != end || version > format_version) {
      throw error(error_kind::programming, "",
                  name_ + ": the data have format " + found.text +
                      ", which this program does not know: they belong to a newer version");
    }
  }

  /// Once: is the server new enough, and as durable as an acknowledged change needs it?
  void inspect(redis_client& c) {
    if (inspected_) return;
    const auto info = c.run({{"INFO", "server"}});
    const int version = server_version(info.text);
    if (version > 0 && version < oldest_server) {
      throw error(error_kind::programming, "",
                  name_ + ": Redis " + std::to_string(oldest_server) +
                      " or newer is needed, this is " + std::to_string(version));
    }
    const auto set = c.run({{"CONFIG", "GET", "appendonly", "appendfsync", "maxmemory-policy"}});
    inspected_ = true;
    if (set.failed()) {
      log::warn(
          "redis: whether it is durable cannot be checked (needs appendonly yes, appendfsync "
          "always, maxmemory-policy noeviction)",
          {{"redis", name_}, {"answer", set.text}});
      return;
    }
    for (std::size_t i = 0; i + 1 < set.items.size(); i += 2) {
      warn_about(set.items[i].text, set.items[i + 1].text);
    }
  }

 private:
  void warn_about(const std::string& setting, const std::string& set_to) const {
    const char* danger = nullptr;
    if (setting == "appendonly" && set_to != "yes") {
      danger = "redis: without an append-only file acknowledged changes are lost when it ends";
    } else if (setting == "appendfsync" && set_to != "always") {
      danger = "redis: a power cut can take the last second of acknowledged changes";
    } else if (setting == "maxmemory-policy" && set_to != "noeviction") {
      danger = "redis: it may remove data when memory is short";
    }
    if (danger != nullptr) {
      log::warn(danger, {{"redis", name_}, {"setting", setting}, {"value", set_to}});
    }
  }

  std::string name_;
  std::string key_;
  std::atomic<bool> inspected_{false};
};

class redis_server final : public database {
 public:
  redis_server(redis_options options, redis_layout layout)
      : options_(std::move(options)),
        layout_(std::move(layout)),
        greeter_(std::make_shared<greeter>(options_.url + " " + layout_.prefix,
                                           layout_.prefix + "schema")) {
    redis_address_of(options_.url);
  }

  std::unique_ptr<connection> open(access a) override {
    return open_redis({options_, layout_, a, [greet = greeter_](redis_client& c) {
                         greet->inspect(c);
                         greet->check_format(c);
                       }});
  }

  /// The modules are what the layout was made for.
  int migrate(std::span<const std::string_view>) override {
    redis_client c(options_, {});
    c.ensure();
    greeter_->inspect(c);
    const bool made = greeter_->make_format(c);
    greeter_->check_format(c);
    return made ? 1 : 0;
  }

  bool shared() const override { return true; }
  bool may_lose_data() const override { return true; }
  std::string describe() const override { return greeter_->name(); }

 private:
  redis_options options_;
  redis_layout layout_;
  std::shared_ptr<greeter> greeter_;
};

}  // namespace

std::unique_ptr<database> redis_database(redis_options options, redis_layout layout) {
  return std::make_unique<redis_server>(std::move(options), std::move(layout));
}

}  // namespace stoa::db
