#pragma once
// The media store by the settings.

#include "net/media/media_service.hpp"
#include "net/media/thumbnail_maker.hpp"

#include <filesystem>

namespace stoa {
struct settings;
}

namespace stoa::media {

/// `folder`: for media.store = folder. Without a store if the nodes of a cluster would have
/// separate folders. Throws std::runtime_error: the folder or the secret file cannot be used.
std::shared_ptr<media_service> open_media(const settings& s, const std::filesystem::path& folder,
                                          prometheus::Registry* registry);
thumbnail_options thumbnail_options_of(const settings& s);

}  // namespace stoa::media
