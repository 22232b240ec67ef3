// The category and the images of an imported product.

#include "actors/catalog/import_run.hpp"

#include <set>

namespace stoa::catalog {

std::string category_text(import_run& run, std::optional<stoa::category_id> id) {
  std::string text;
  for (std::size_t level = 0; id && level < category_depth_max; ++level) {
    const auto* c = run.d.of<category_row>().find(*id);
    if (!c) break;
    text = c->name + (text.empty() ? "" : " > ") + text;
    id = c->parent_category_id;
  }
  return text;
}

result<std::optional<stoa::category_id>> find_category(import_run& run) {
  std::optional<stoa::category_id> at;
  auto& categories = run.d.of<category_row>();
  for (const auto& level : *run.m.category_path) {
    const category_row* found = nullptr;
    for (const auto* c : categories.where<&category_row::name>(level.name)) {
      if (c->parent_category_id == at) found = c;
    }
    // The same id with another name or parent: staff have renamed or moved it.
    if (!found) found = categories.find(level.category_id);
    if (!found) {
      if (auto bad = check_category_count(run.d)) return std::move(*bad);
      found = &categories.insert(
          {level.category_id, 0, level.name, std::nullopt, at, run.d.now, run.d.now, 0});
      run.changes.add({}, "new_category", "", level.name);
      run.touch();
    }
    at = found->category_id;
  }
  return at;
}

void save_images(import_run& run) {
  auto& images = run.d.of<image_row>();
  std::set<stoa::image_id> kept;
  static const std::vector<imported_image> none;
  for (const auto& i : run.m.images ? *run.m.images : none) {
    if (!kept.insert(i.image_id).second) continue;
    const auto* old = images.find(i.image_id);
    image_row row{i.image_id,
                  run.m.product_id,
                  i.image_url,
                  i.alt_text.value_or(old ? old->alt_text : ""),
                  old && !i.set_position ? old->position : i.position,
                  old ? old->created_at : run.d.now};
    if (old && old->file) {
      // The same id means the same URL: the image stays an uploaded one.
      row.image_url = old->image_url;
      row.file_id = old->file_id;
      row.file = old->file;
    }
    if (old && *old == row) continue;
    run.changes.add({}, "image", old ? old->image_url : "", row.image_url);
    run.changes.add({}, "image.alt_text", old ? old->alt_text : "", row.alt_text);
    run.changes.add({}, "image.position", old ? std::to_string(old->position) : "",
                    std::to_string(row.position));
    if (old) {
      images.edit(i.image_id) = row;
    } else {
      images.insert(row);
    }
    run.touch();
  }
  for (const auto* old : images.where<&image_row::product_id>(run.m.product_id)) {
    // Not every file can name uploaded images, so a file does not remove them.
    if (kept.contains(old->image_id) || old->file) continue;
    run.changes.add({}, "image", old->image_url, "");
    images.erase(old->image_id);
    run.touch();
  }
}

}  // namespace stoa::catalog
