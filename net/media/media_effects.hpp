#pragma once
// The catalogue's effects on uploaded files: thumbnails and deletions.

#include "actors/kernel/service_definition.hpp"
#include "net/media/media_service.hpp"
#include "net/media/thumbnail_maker.hpp"

namespace stoa::media {

/// The options of thumbnails by the settings.
struct effect_options {
  std::shared_ptr<media_service> media;
  thumbnail_options thumbnails;
};

/// For service_definition::make_effects of the catalogue. One effect runs at a time.
kernel::effects_factory media_effects(effect_options options);

}  // namespace stoa::media
