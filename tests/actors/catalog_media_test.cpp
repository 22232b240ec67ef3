// Uploaded images in the Catalog service: the order in which a file is recorded, stored and used,
// and the deletion of files that no image has.

#include "actors/catalog/image_name.hpp"
#include "actors/catalog/media_messages.hpp"
#include "actors/kernel/entity_tag.hpp"
#include "tests/support/catalog_fixture.hpp"

using namespace stoa;
using namespace stoa::catalog;
using stoa::test::code_of;
using stoa::test::status_of;

namespace {

const microseconds unused = catalog_options{}.media_unused;

struct media_fixture : test::catalog_fixture {
  const std::string id = std::string(63, '0') + "a";
  const stoa::product_id cup = product("Cup", 100);

  static image_file png(std::int64_t width = 1000) {
    return {"", "image/png", 5000, width, 500, {}};
  }
  std::string prepare(const std::string& file_id) {
    return run(prepare_image_file{file_id, png()}, staff).value().name;
  }
  image_view upload(stoa::product_id product, const std::string& file_id) {
    prepare(file_id);
    return run(add_image_file{product, file_id, "a cup", std::nullopt}, staff).value();
  }
  /// The effects of the type since the last call.
  template <class E>
  std::vector<E> requested() {
    std::vector<E> found;
    for (const auto& e : effects) {
      if (e.kind() == &kernel::kind_of<E>()) found.push_back(e.template as<E>());
    }
    effects.clear();
    return found;
  }
  /// The effects that the sweep starts again.
  template <class E>
  std::size_t due_again() {
    std::size_t count = 0;
    for (const auto& e : service.due(*database, time.now(), false).effects) {
      if (e.kind() == &kernel::kind_of<E>()) ++count;
    }
    return count;
  }
  std::string state(const std::string& file_id) {
    const auto rows = db::select<media_file_row>(*database, all_files_, {});
    for (const auto& r : rows) {
      if (r.file_id == file_id) return std::string(enum_name(r.state));
    }
    return "none";
  }
  void pass(microseconds span) {
    time.advance(span);
    sweep();
  }

 private:
  const db::sql all_files_{"test files",
                           "SELECT " + db::column_list<media_file_row>() + " FROM media_files"};
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(catalog_media, media_fixture)

BOOST_AUTO_TEST_CASE(an_uploaded_image_shows_its_file) {
  const auto name = prepare(id);
  BOOST_TEST(is_media_name(name));
  BOOST_TEST(state(id) == "receiving");
  BOOST_TEST(effects.empty());
  const auto image = run(add_image_file{cup, id, "a cup", std::nullopt}, staff).value();
  BOOST_TEST(image.image_url == "/media/" + name);
  BOOST_TEST(image.content_type.value() == "image/png");
  BOOST_TEST(image.bytes.value() == 5000);
  BOOST_TEST(image.width.value() == 1000);
  BOOST_TEST(image.height.value() == 500);
  BOOST_TEST(image.thumbnails.value().empty());
  BOOST_TEST(image.alt_text == "a cup");
  BOOST_TEST(image.position == 1);
  BOOST_TEST(json::write(detail(cup).images.at(0)) == json::write(image));
  BOOST_TEST(state(id) == "stored");
  const auto wanted = requested<make_thumbnails>();
  BOOST_REQUIRE(wanted.size() == 1u);
  BOOST_TEST(wanted[0].file.name == name);
  // A link has none of these members.
  const auto link = run(add_image{cup, {"https://a.example/1.png", "", {}}}, staff).value();
  BOOST_TEST(json::write(link).find("thumbnails") == std::string::npos);
  BOOST_TEST(json::write(link).find("width") == std::string::npos);
  BOOST_TEST(link.position == 2);
}

BOOST_AUTO_TEST_CASE(equal_files_are_stored_once) {
  const auto mug = product("Mug", 100);
  const auto first = upload(cup, id);
  time.advance(seconds{100});
  const auto second = upload(mug, id);
  BOOST_TEST(first.image_url == second.image_url);
  BOOST_TEST(number("SELECT count(*) FROM media_files") == 1);
  BOOST_TEST(requested<make_thumbnails>().size() == 1u);
}

BOOST_AUTO_TEST_CASE(images_need_a_recorded_file) {
  BOOST_TEST(status_of(run(add_image_file{cup, id, "", {}}, staff)) == 503);
  prepare(id);
  BOOST_TEST(status_of(run(add_image_file{{system_ids().next_v7()}, id, "", {}}, staff)) == 404);
  BOOST_TEST(status_of(run(prepare_image_file{"short", png()}, staff)) == 422);
  auto page = png();
  page.content_type = "image/svg+xml";
  BOOST_TEST(status_of(run(prepare_image_file{std::string(64, 'b'), page}, staff)) == 422);
  for (std::size_t i = 0; i < images_max; ++i) upload(cup, id);
  BOOST_TEST(code_of(run(add_image_file{cup, id, "", {}}, staff)) == "too_many_images");
}

BOOST_AUTO_TEST_CASE(thumbnails_appear_in_all_images_of_the_file) {
  const auto mug = product("Mug", 100);
  const auto name = prepare(id);
  upload(cup, id);
  upload(mug, id);
  const auto updated = detail(mug).updated_at;
  BOOST_TEST(due_again<make_thumbnails>() == 1u);
  time.advance(seconds{5});
  const record_thumbnails made{
      id, name, thumbnail_outcome::made, {{160, thumbnail_name(name, 160)}}};
  BOOST_REQUIRE(run(made, test::as_system()));
  for (const auto product : {cup, mug}) {
    const auto image = detail(product).images.at(0);
    BOOST_REQUIRE(image.thumbnails.value().size() == 1u);
    BOOST_TEST(image.thumbnails->at(0).width == 160);
    BOOST_TEST(image.thumbnails->at(0).url == "/media/" + thumbnail_name(name, 160));
  }
  BOOST_TEST((detail(mug).updated_at > updated));
  BOOST_TEST(due_again<make_thumbnails>() == 0u);
  // A third image of the file has them at once.
  BOOST_TEST(upload(product("Jug", 1), id).thumbnails.value().size() == 1u);
  // A late report of another run changes nothing.
  BOOST_REQUIRE(
      run(record_thumbnails{id, name, thumbnail_outcome::impossible, {}}, test::as_system()));
  BOOST_TEST(detail(cup).images.at(0).thumbnails->size() == 1u);
  // The product can be changed afterwards.
  product_change change;
  change.name = "Cup 2";
  BOOST_REQUIRE(this->change(cup, change));
}

BOOST_AUTO_TEST_CASE(thumbnails_are_retried_unless_they_are_impossible) {
  const auto name = prepare(id);
  upload(cup, id);
  const record_thumbnails failed{id, name, thumbnail_outcome::failed, {}};
  BOOST_REQUIRE(run(failed, test::as_system()));
  BOOST_TEST(due_again<make_thumbnails>() == 0u);
  time.advance(seconds{31});
  BOOST_TEST(due_again<make_thumbnails>() == 1u);
  for (int i = 0; i < 9; ++i) BOOST_REQUIRE(run(failed, test::as_system()));
  time.advance(seconds{10'000});
  BOOST_TEST(due_again<make_thumbnails>() == 0u);

  const auto other = std::string(64, 'c');
  const auto other_name = prepare(other);
  upload(cup, other);
  BOOST_REQUIRE(run(record_thumbnails{other, other_name, thumbnail_outcome::impossible, {}},
                    test::as_system()));
  time.advance(seconds{10'000});
  BOOST_TEST(due_again<make_thumbnails>() == 0u);
}

BOOST_AUTO_TEST_CASE(files_in_use_are_never_deleted) {
  upload(cup, id);
  for (int i = 0; i < 5; ++i) pass(unused);
  BOOST_TEST(state(id) == "stored");
  BOOST_TEST(requested<delete_media_file>().empty());
}

BOOST_AUTO_TEST_CASE(a_file_without_an_image_is_deleted_after_the_grace_period) {
  const auto image = upload(cup, id);
  const auto name = image.image_url.substr(7);
  BOOST_REQUIRE(run(remove_image{cup, image.image_id}, staff));
  pass(unused);  // notes that it is unused
  BOOST_TEST(state(id) == "stored");
  pass(unused - seconds{1});
  BOOST_TEST(state(id) == "stored");
  requested<delete_media_file>();
  pass(seconds{1});
  BOOST_TEST(state(id) == "deleting");
  auto deletions = requested<delete_media_file>();
  BOOST_REQUIRE(deletions.size() == 1u);
  BOOST_TEST(deletions[0].file.name == name);
  // Repeated until it has happened.
  pass(seconds{61});
  BOOST_TEST(requested<delete_media_file>().size() == 1u);
  // The same content cannot be used in the meantime.
  BOOST_TEST(status_of(run(prepare_image_file{id, png()}, staff)) == 503);
  BOOST_TEST(status_of(run(add_image_file{cup, id, "", {}}, staff)) == 503);
  BOOST_REQUIRE(run(forget_media_file{id, "another name"}, test::as_system()));
  BOOST_TEST(state(id) == "deleting");
  BOOST_REQUIRE(run(forget_media_file{id, name}, test::as_system()));
  BOOST_TEST(state(id) == "none");
  // The next file of this content has another name, which no late deletion reaches.
  BOOST_TEST(prepare(id) != name);
  BOOST_REQUIRE(run(forget_media_file{id, name}, test::as_system()));
  BOOST_TEST(state(id) == "receiving");
}

BOOST_AUTO_TEST_CASE(an_upload_that_did_not_end_is_deleted) {
  prepare(id);
  pass(unused - seconds{1});
  BOOST_TEST(state(id) == "receiving");
  pass(seconds{1});
  BOOST_TEST(state(id) == "deleting");
  BOOST_TEST(requested<delete_media_file>().size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_file_that_is_uploaded_again_is_kept) {
  const auto image = upload(cup, id);
  BOOST_REQUIRE(run(remove_image{cup, image.image_id}, staff));
  pass(unused);
  time.advance(unused - seconds{1});
  prepare(id);
  pass(seconds{1});
  BOOST_TEST(state(id) == "stored");
  BOOST_REQUIRE(run(add_image_file{cup, id, "", {}}, staff));
  for (int i = 0; i < 3; ++i) pass(unused);
  BOOST_TEST(state(id) == "stored");
}

BOOST_AUTO_TEST_CASE(the_files_of_a_deleted_product_are_deleted) {
  const auto mug = product("Mug", 100);
  const auto other = std::string(64, 'd');
  upload(mug, id);
  upload(mug, other);
  upload(cup, other);
  BOOST_REQUIRE(run(delete_product{mug}, staff));
  pass(unused);
  pass(unused);
  BOOST_TEST(state(id) == "deleting");
  BOOST_TEST(state(other) == "stored");
  // No image of the deleted product refers to the deleted file, should it come back.
  BOOST_TEST(number("SELECT count(*) FROM product_images WHERE file_id='" + id + "'") == 0);
  BOOST_TEST(number("SELECT count(*) FROM product_images WHERE file_id='" + other + "'") == 2);
}

BOOST_AUTO_TEST_CASE(a_link_replaces_a_file) {
  const auto image = upload(cup, id);
  image_change change;
  change.alt_text = "still the file";
  BOOST_TEST(run(change_image{cup, image.image_id, change}, staff).value().width.value() == 1000);
  change.image_url = "https://a.example/2.png";
  const auto link = run(change_image{cup, image.image_id, change}, staff).value();
  BOOST_TEST(link.image_url == "https://a.example/2.png");
  BOOST_TEST(!link.width.has_value());
  pass(unused);
  pass(unused);
  BOOST_TEST(state(id) == "deleting");
}

BOOST_AUTO_TEST_CASE(imports_keep_uploaded_images) {
  const auto image = upload(cup, id);
  import_product p;
  p.product_id = cup;
  p.title = "Cup";
  p.images = {imported_image{{system_ids().next_v7()}, "https://img.example/1.jpg", "front", 1}};
  BOOST_REQUIRE(run(p, staff));
  BOOST_TEST(detail(cup).images.size() == 2u);
  p.images = {imported_image{image.image_id, "https://shop.example" + image.image_url, "back", 7}};
  BOOST_REQUIRE(run(p, staff));
  const auto images = detail(cup).images;
  BOOST_REQUIRE(images.size() == 1u);
  BOOST_TEST(images[0].image_url == image.image_url);
  BOOST_TEST(images[0].width.value() == 1000);
  BOOST_TEST(images[0].alt_text == "back");
}

BOOST_AUTO_TEST_CASE(the_tag_of_an_uploaded_image_is_its_view) {
  const auto image = upload(cup, id);
  const auto tag = kernel::entity_tag(json::write(image));
  kernel::precondition match;
  match.match.emplace().push_back(tag);
  image_change change;
  change.position = 5;
  BOOST_REQUIRE(run(change_image{cup, image.image_id, change, match}, staff));
  BOOST_TEST(status_of(run(change_image{cup, image.image_id, change, match}, staff)) == 412);
}

BOOST_AUTO_TEST_SUITE_END()
