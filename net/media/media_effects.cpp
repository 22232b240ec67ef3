#include "net/media/media_effects.hpp"

#include "actors/catalog/image_name.hpp"
#include "actors/catalog/media_messages.hpp"
#include "config/log.hpp"

#include <set>

namespace stoa::media {

namespace {

using catalog::thumbnail_outcome;
using kernel::any_message;

constexpr std::size_t effects_waiting_max = 64;

class file_effects final : public kernel::effect_runner {
 public:
  file_effects(effect_options options, kernel::command_sink report)
      : options_(std::move(options)),
        maker_(options_.thumbnails),
        makes_thumbnails_(maker_.is_there()),
        report_(std::move(report)),
        pool_(1, effects_waiting_max) {}
  ~file_effects() override {
    stopping_ = true;
    pool_.stop();
  }
  file_effects(const file_effects&) = delete;
  file_effects& operator=(const file_effects&) = delete;

  void start(const any_message& effect, timestamp) override {
    if (effect.kind() == &kernel::kind_of<catalog::make_thumbnails>() && makes_thumbnails_) {
      const auto& m = effect.as<catalog::make_thumbnails>();
      add("make " + m.file_id, [this, m] { make(m); });
    } else if (effect.kind() == &kernel::kind_of<catalog::delete_media_file>()) {
      const auto& m = effect.as<catalog::delete_media_file>();
      add("delete " + m.file_id, [this, m] { remove(m); });
    }
  }
  void tick(timestamp) override {}
  std::size_t under_way() const override {
    const std::scoped_lock lock(mutex_);
    return keys_.size();
  }

 private:
  /// Runs the work unless an effect with the key is waiting or running. What is dropped stays open
  /// in its record.
  void add(const std::string& key, std::function<void()> work) {
    const std::scoped_lock lock(mutex_);
    if (!keys_.insert(key).second) return;
    const bool is_taken = pool_.add([this, key, work = std::move(work)] {
      try {
        work();
      } catch (const std::exception& e) {
        if (!is_stopping()) {
          log::warn("an effect on an uploaded file failed", {{"error", std::string(e.what())}});
        }
      }
      const std::scoped_lock done(mutex_);
      keys_.erase(key);
    });
    if (!is_taken) keys_.erase(key);
  }

  bool is_stopping() const { return stopping_ || options_.media->is_stopping(); }

  void make(const catalog::make_thumbnails& m) {
    catalog::record_thumbnails record{m.file_id, m.file.name, thumbnail_outcome::failed, {}};
    try {
      if (!fill(m.file, record)) return;
    } catch (const std::exception& e) {
      log::warn("thumbnails could not be made",
                {{"file", m.file.name}, {"error", std::string(e.what())}});
    }
    if (is_stopping()) return;
    options_.media->metrics().thumbnails(record.outcome);
    report_(any_message::of(std::move(record)));
  }

  /// False: there is nothing to report, and the effect is repeated.
  bool fill(const catalog::image_file& image, catalog::record_thumbnails& record) {
    const auto bytes = options_.media->get_now(image.name);
    if (!bytes) throw store_error("the file is missing");
    auto made = maker_.make(image, *bytes, [this] { return is_stopping(); });
    if (made.end == program_end::stopped || made.end == program_end::not_started) return false;
    // The machine may be busy: CPU time has a limit too.
    if (made.end == program_end::late) throw store_error("vipsthumbnail exceeded its time limit");
    if (made.end != program_end::done) {
      record.outcome = thumbnail_outcome::impossible;
      log::warn("no thumbnails: vipsthumbnail could not read the image, or exceeded a limit",
                {{"file", image.name}});
      return true;
    }
    for (auto& t : made.all) {
      const auto name = catalog::thumbnail_name(image.name, t.wanted);
      options_.media->put_now(name, "image/webp", t.bytes);
      record.thumbnails.push_back({t.width, name});
    }
    record.outcome = thumbnail_outcome::made;
    return true;
  }

  void remove(const catalog::delete_media_file& m) {
    std::set<std::string> names{m.file.name};
    for (const auto& t : m.file.thumbnails) names.insert(t.name);
    // Those that were stored before the program ended, and not recorded.
    for (const auto width : options_.thumbnails.widths) {
      names.insert(catalog::thumbnail_name(m.file.name, width));
    }
    for (const auto& name : names) options_.media->remove_now(name);
    report_(any_message::of(catalog::forget_media_file{m.file_id, m.file.name}));
  }

  const effect_options options_;
  const thumbnail_maker maker_;
  const bool makes_thumbnails_;
  const kernel::command_sink report_;
  std::atomic<bool> stopping_{false};
  mutable std::mutex mutex_;
  std::set<std::string> keys_;
  job_pool pool_;  // last: its jobs use the other members
};

}  // namespace

kernel::effects_factory media_effects(effect_options options) {
  return [options = std::move(options)](
             kernel::command_sink report) -> std::unique_ptr<kernel::effect_runner> {
    return std::make_unique<file_effects>(options, std::move(report));
  };
}

}  // namespace stoa::media
