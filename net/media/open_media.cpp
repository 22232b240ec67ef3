#include "net/media/open_media.hpp"

#include "config/settings.hpp"
#include "net/media/folder_store.hpp"
#include "net/media/s3_store.hpp"
#include "net/token/secret_lines.hpp"

#include <algorithm>
#include <charconv>
#include <stdexcept>

namespace stoa::media {

namespace {

std::shared_ptr<media_store> open_bucket(const media_settings& m, prometheus::Registry* registry) {
  auto secret = token::read_secret(m.s3_secret_file);
  if (!secret) throw std::runtime_error("media.s3_secret_file: " + secret.error().detail);
  s3_options o;
  o.endpoint = m.s3_endpoint;
  o.region = m.s3_region;
  o.bucket = m.s3_bucket;
  o.prefix = m.s3_prefix;
  o.key = {m.s3_access_key, std::move(*secret)};
  o.path_style = m.s3_path_style;
  o.timeout = std::chrono::milliseconds{m.s3_timeout_ms};
  o.metrics = registry;
  return std::make_shared<s3_store>(std::move(o));
}

}  // namespace

std::shared_ptr<media_service> open_media(const settings& s, const std::filesystem::path& folder,
                                          prometheus::Registry* registry) {
  std::shared_ptr<media_store> store;
  if (s.media.store == "s3") {
    store = open_bucket(s.media, registry);
  } else if (s.cluster.listen.empty() || !s.media.dir.empty()) {
    store = std::make_shared<folder_store>(folder);
  }
  media_limits limits;
  // Files that were uploaded under a higher media.image_bytes_max stay readable.
  limits.file_bytes_max = std::size_t{64} << 20;
  return std::make_shared<media_service>(std::move(store), limits, registry);
}

thumbnail_options thumbnail_options_of(const settings& s) {
  thumbnail_options o;
  for (const auto& text : s.media.thumbnail_widths) {
    std::int64_t width = 0;
    std::from_chars(text.data(), text.data() + text.size(), width);
    o.widths.push_back(width);
  }
  std::ranges::sort(o.widths);
  o.widths.erase(std::ranges::unique(o.widths).begin(), o.widths.end());
  o.limits.time = std::chrono::milliseconds{s.media.thumbnail_timeout_ms};
  o.limits.memory_bytes = static_cast<std::uint64_t>(s.media.thumbnail_memory_bytes_max);
  return o;
}

}  // namespace stoa::media
