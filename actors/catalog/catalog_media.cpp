// Uploaded images: the records of their files, thumbnails, and the deletion of unused files.

#include "actors/catalog/catalog_parts.hpp"
#include "actors/catalog/image_name.hpp"

#include <algorithm>

namespace stoa::catalog {

namespace {

using decision = catalog_service::decision;

/// A deletion whose outcome is unknown is repeated after this time.
constexpr microseconds deletion_retry = seconds{60};
constexpr microseconds thumbnail_retry_min = seconds{30};
constexpr std::int64_t thumbnail_attempts_max = 10;
constexpr std::size_t media_due_max = 16;

problem being_deleted() {
  return unavailable("A file with the same content is being deleted. Send the request again.");
}

/// Marks the file as used now.
void keep(media_file_row& f, timestamp now, microseconds unused) {
  f.unused_since.reset();
  f.check_at = now + unused;
}

/// Whether an image of a product that is not deleted has the file.
bool is_used(decision& d, const std::string& file_id) {
  for (const auto* i :
       d.of<image_row>().where<&image_row::file_id>(std::optional<std::string>(file_id))) {
    if (find_existing(d, i->product_id)) return true;
  }
  return false;
}

void start_deletion(decision& d, media_file_row& f) {
  f.state = media_state::deleting;
  f.thumbs_at.reset();
  f.check_at = d.now + deletion_retry;
  d.effect(delete_media_file{f.file_id, f.file});
}

}  // namespace

image_view view_of(const image_row& i, const std::string& media_url) {
  image_view v{i.image_id, i.product_id, i.image_url, i.alt_text, i.position, i.created_at};
  if (!i.file) return v;
  v.image_url = media_url + "/" + i.file->name;
  v.content_type = i.file->content_type;
  v.bytes = i.file->bytes;
  v.width = i.file->width;
  v.height = i.file->height;
  v.thumbnails.emplace();
  for (const auto& t : i.file->thumbnails) {
    v.thumbnails->push_back({t.width, media_url + "/" + t.name});
  }
  return v;
}

void catalog_service::needs(const prepare_image_file& m, need_list& list, const records&) const {
  list.add<&media_file_row::file_id>(m.file_id);
}

result<media_place> catalog_service::decide(const prepare_image_file& m, decision& d) const {
  if (const auto* known = d.of<media_file_row>().find(m.file_id)) {
    if (known->state == media_state::deleting) return being_deleted();
    keep(d.of<media_file_row>().edit(m.file_id), d.now, options_.media_unused);
    return media_place{known->file.name};
  }
  const auto extension = extension_of(m.file.content_type);
  if (extension.empty() || m.file_id.size() != file_id_length) {
    return invalid_field("", "format", "No such file.");
  }
  media_file_row f;
  f.file_id = m.file_id;
  f.file = m.file;
  f.file.name = image_name(m.file_id, d.now, extension);
  f.created_at = d.now;
  keep(f, d.now, options_.media_unused);
  return media_place{d.of<media_file_row>().insert(std::move(f)).file.name};
}

void catalog_service::needs(const add_image_file& m, need_list& list, const records&) const {
  list.add<&product_row::product_id>(m.product_id);
  list.add<&image_row::product_id>(m.product_id);
  list.add<&media_file_row::file_id>(m.file_id);
}

result<image_view> catalog_service::decide(const add_image_file& m, decision& d) const {
  if (!find_existing(d, m.product_id)) return not_found("product");
  const auto others = d.of<image_row>().where<&image_row::product_id>(m.product_id);
  if (auto full = check_image_count(others.size())) return std::move(*full);
  const auto* known = d.of<media_file_row>().find(m.file_id);
  if (!known || known->state == media_state::deleting) return being_deleted();
  auto& f = d.of<media_file_row>().edit(m.file_id);
  keep(f, d.now, options_.media_unused);
  if (f.state == media_state::receiving) {
    f.state = media_state::stored;
    if (options_.thumbnails) {
      f.thumbs_at = d.now;
      d.effect(make_thumbnails{f.file_id, f.file});
    }
  }
  std::int64_t last = 0;
  for (const auto* i : others) last = std::max(last, i->position);
  const auto& image =
      d.of<image_row>().insert({d.new_id<stoa::image_id>(), m.product_id, "", m.alt_text,
                                m.position.value_or(last + 1), d.now, f.file_id, f.file});
  d.of<product_row>().edit(m.product_id).updated_at = d.now;
  return view_of(image, options_.media_url);
}

void catalog_service::needs(const check_media_files& m, need_list& list,
                            const records& loaded) const {
  for (const auto& id : m.file_ids) {
    list.add<&media_file_row::file_id>(id);
    list.add<&image_row::file_id>(id);
    for (const auto* i :
         loaded.of<image_row>().where<&image_row::file_id>(std::optional<std::string>(id))) {
      list.add<&product_row::product_id>(i->product_id);
    }
  }
}

result<nothing> catalog_service::decide(const check_media_files& m, decision& d) const {
  for (const auto& id : m.file_ids) {
    const auto* found = d.of<media_file_row>().find(id);
    if (!found || found->check_at > d.now) continue;
    auto& f = d.of<media_file_row>().edit(id);
    if (f.state == media_state::deleting) {
      start_deletion(d, f);
    } else if (is_used(d, id)) {
      keep(f, d.now, options_.media_unused);
    } else if (!f.unused_since && f.state == media_state::stored) {
      f.unused_since = d.now;
      f.check_at = d.now + options_.media_unused;
    } else {
      // The remaining images are those of deleted products.
      for (const auto* i :
           d.of<image_row>().where<&image_row::file_id>(std::optional<std::string>(id))) {
        d.of<image_row>().erase(i->image_id);
      }
      start_deletion(d, f);
    }
  }
  return nothing{};
}

void catalog_service::needs(const record_thumbnails& m, need_list& list, const records&) const {
  list.add<&media_file_row::file_id>(m.file_id);
}

result<nothing> catalog_service::decide(const record_thumbnails& m, decision& d) const {
  const auto* found = d.of<media_file_row>().find(m.file_id);
  const bool is_due = found && found->thumbs_at && found->state == media_state::stored &&
                      found->file.name == m.file_name;
  if (!is_due || m.thumbnails.size() > static_cast<std::size_t>(thumbnails_max)) return nothing{};
  auto& f = d.of<media_file_row>().edit(m.file_id);
  ++f.thumb_attempts;
  if (m.outcome == thumbnail_outcome::failed && f.thumb_attempts < thumbnail_attempts_max) {
    f.thumbs_at = d.now + thumbnail_retry_min * f.thumb_attempts;
    return nothing{};
  }
  f.thumbs_at.reset();
  if (m.outcome != thumbnail_outcome::made || m.thumbnails.empty()) return nothing{};
  f.file.thumbnails = m.thumbnails;
  d.execute(change_image_files, db::params(f.file_id, json::write(f.file)));
  d.execute(touch_image_products, db::params(f.file_id, d.now));
  return nothing{};
}

void catalog_service::needs(const forget_media_file& m, need_list& list, const records&) const {
  list.add<&media_file_row::file_id>(m.file_id);
}

result<nothing> catalog_service::decide(const forget_media_file& m, decision& d) const {
  const auto* f = d.of<media_file_row>().find(m.file_id);
  if (f && f->state == media_state::deleting && f->file.name == m.file_name) {
    d.of<media_file_row>().erase(m.file_id);
  }
  return nothing{};
}

void add_due_media(db::connection& c, timestamp now, kernel::due_work& work) {
  auto due = read_due_media(c, now, media_due_max);
  if (!due.to_check.empty()) {
    work.commands.push_back(kernel::any_message::of(check_media_files{std::move(due.to_check)}));
  }
  for (auto& t : due.thumbnails) {
    work.effects.push_back(
        kernel::any_message::of(make_thumbnails{std::move(t.file_id), std::move(t.file)}));
  }
}

}  // namespace stoa::catalog
