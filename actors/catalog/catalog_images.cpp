// A product's images.

#include "actors/catalog/catalog_parts.hpp"
#include "actors/kernel/entity_tag.hpp"

namespace stoa::catalog {

using kernel::nothing;

std::optional<problem> check_image_count(std::size_t images) {
  if (images < images_max) return std::nullopt;
  return conflict("too_many_images",
                  "A product has at most " + std::to_string(images_max) + " images.");
}

void catalog_service::needs(const add_image& m, need_list& list, const records&) const {
  list.add<&product_row::product_id>(m.product_id);
  list.add<&image_row::product_id>(m.product_id);
}

result<image_view> catalog_service::decide(const add_image& m, decision& d) const {
  if (!find_existing(d, m.product_id)) return not_found("product");
  auto others = d.of<image_row>().where<&image_row::product_id>(m.product_id);
  if (auto full = check_image_count(others.size())) return std::move(*full);
  std::int64_t last = 0;
  for (const auto* i : others) last = std::max(last, i->position);
  auto& image =
      d.of<image_row>().insert({d.new_id<stoa::image_id>(), m.product_id, m.image.image_url,
                                m.image.alt_text, m.image.position.value_or(last + 1), d.now});
  d.of<product_row>().edit(m.product_id).updated_at = d.now;
  return view_of(image, options_.media_url);
}

void catalog_service::needs(const change_image& m, need_list& list, const records&) const {
  list.add<&product_row::product_id>(m.product_id);
  list.add<&image_row::image_id>(m.image_id);
}

result<image_view> catalog_service::decide(const change_image& m, decision& d) const {
  const auto* found = d.of<image_row>().find(m.image_id);
  if (!find_existing(d, m.product_id) || !found || found->product_id != m.product_id) {
    return not_found("image");
  }
  if (auto bad = kernel::check_precondition(m.precondition,
                                            [&] { return view_of(*found, options_.media_url); })) {
    return std::move(*bad);
  }
  auto& image = d.of<image_row>().edit(m.image_id);
  if (m.change.image_url) {
    // A link replaces an uploaded file.
    image.image_url = *m.change.image_url;
    image.file_id.reset();
    image.file.reset();
  }
  image.alt_text = m.change.alt_text.value_or(image.alt_text);
  image.position = m.change.position.value_or(image.position);
  d.of<product_row>().edit(m.product_id).updated_at = d.now;
  return view_of(image, options_.media_url);
}

void catalog_service::needs(const remove_image& m, need_list& list, const records&) const {
  list.add<&product_row::product_id>(m.product_id);
  list.add<&image_row::image_id>(m.image_id);
}

result<nothing> catalog_service::decide(const remove_image& m, decision& d) const {
  const auto* found = d.of<image_row>().find(m.image_id);
  if (!find_existing(d, m.product_id) || !found || found->product_id != m.product_id) {
    return not_found("image");
  }
  if (auto bad = kernel::check_precondition(m.precondition,
                                            [&] { return view_of(*found, options_.media_url); })) {
    return std::move(*bad);
  }
  d.of<image_row>().erase(m.image_id);
  d.of<product_row>().edit(m.product_id).updated_at = d.now;
  return nothing{};
}

}  // namespace stoa::catalog
