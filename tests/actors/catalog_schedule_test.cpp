// Publication and archiving at a given time, and earlier handles.

#include "tests/support/catalog_fixture.hpp"

using namespace stoa;
using namespace stoa::catalog;

namespace {

using strings = std::vector<std::string>;

struct dated_catalog : test::catalog_fixture {
  strings listed() { return names({}); }
  std::optional<std::string> name_by_handle(const std::string& handle) {
    list_products q;
    q.handle = handle;
    const auto found = read(q).value().data;
    return found.empty() ? std::nullopt : std::optional(found[0].name);
  }
  void rename(stoa::product_id id, const std::string& handle) {
    product_change c;
    c.handle = {true, handle};
    BOOST_REQUIRE(change(id, c));
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(catalog_schedule)

BOOST_FIXTURE_TEST_CASE(products_are_published_and_archived_in_time, dated_catalog) {
  auto p = product_of("Cup", 100, 3);
  p.publish_at = time.now() + seconds{10};
  p.archive_at = time.now() + seconds{20};
  const auto id = create(p).value().product_id;
  BOOST_TEST((detail(id).status == product_status::Draft));
  const auto size = variant(id, "M");
  time.advance(seconds{9});
  BOOST_TEST(sweep() == 0U);
  BOOST_TEST(listed().empty());
  time.advance(seconds{1});
  BOOST_TEST(sweep() == 1U);
  BOOST_TEST((listed() == strings{"Cup"}));
  BOOST_TEST((detail(size).status == product_status::Active));
  BOOST_TEST(!detail(id).publish_at.has_value());
  BOOST_TEST(sweep() == 0U);
  time.advance(seconds{10});
  BOOST_TEST(sweep() == 1U);
  BOOST_TEST(listed().empty());
  BOOST_TEST((detail(id).status == product_status::Archived));
  BOOST_TEST((detail(size).status == product_status::Archived));
  // It is not sold, and staff still find it.
  BOOST_TEST(!read(price_items{{size}}).value().data[0].sellable);
  BOOST_TEST(test::code_of(read(get_product{id, false})) == "not_found");
  list_products archived;
  archived.for_staff = true;
  archived.status = product_status::Archived;
  BOOST_TEST(read(archived, staff).value().data.size() == 1U);
  // It is published again.
  product_change c;
  c.status = product_status::Active;
  BOOST_REQUIRE(change(id, c));
  BOOST_TEST((listed() == strings{"Cup"}));
}

BOOST_FIXTURE_TEST_CASE(a_missed_time_is_made_up_for, dated_catalog) {
  auto p = product_of("Cup", 100);
  p.publish_at = time.now() + seconds{10};
  p.archive_at = time.now() + seconds{20};
  const auto id = create(p).value().product_id;
  time.advance(seconds{60});
  BOOST_TEST(sweep() == 1U);
  BOOST_TEST((detail(id).status == product_status::Archived));
  BOOST_TEST(sweep() == 0U);
}

BOOST_FIXTURE_TEST_CASE(deleted_products_hold_up_no_others, dated_catalog) {
  auto p = product_of("Gone", 100);
  p.publish_at = time.now() + seconds{5};
  for (int i = 0; i < 60; ++i) {
    const auto id = create(p).value().product_id;
    BOOST_REQUIRE(run(delete_product{id}, staff));
  }
  p.name = "Cup";
  p.publish_at = time.now() + seconds{6};
  BOOST_REQUIRE(create(p));
  time.advance(seconds{10});
  BOOST_TEST(sweep() == 1U);
  BOOST_TEST((listed() == strings{"Cup"}));
  BOOST_TEST(sweep() == 0U);
}

BOOST_FIXTURE_TEST_CASE(bad_times_are_rejected, dated_catalog) {
  auto p = product_of("Cup", 100);
  p.publish_at = time.now() + seconds{10};
  p.archive_at = p.publish_at;
  BOOST_TEST(create(p).error().errors[0].pointer == "/archive_at");
  const auto id = product("Cup", 100);
  product_change c;
  c.archive_at = {true, time.now() + seconds{10}};
  BOOST_REQUIRE(change(id, c));
  c = {};
  c.publish_at = {true, time.now() + seconds{10}};
  BOOST_TEST(change(id, c).error().errors[0].pointer == "/archive_at");
  new_product v;
  v.parent_product_id = id;
  v.options = {{"Size", "M"}};
  v.publish_at = time.now();
  BOOST_TEST(create(v).error().errors[0].pointer == "/publish_at");
  v.publish_at.reset();
  v.tags = strings{"new"};
  BOOST_TEST(create(v).error().errors[0].pointer == "/tags");
}

BOOST_FIXTURE_TEST_CASE(earlier_handles_lead_to_the_product, dated_catalog) {
  auto p = product_of("Cup", 100);
  p.handle = "cup";
  const auto cup = create(p).value().product_id;
  rename(cup, "blue-cup");
  rename(cup, "big-cup");
  for (const auto* handle : {"cup", "blue-cup", "big-cup"}) {
    BOOST_TEST(name_by_handle(handle).value_or("none") == "Cup", handle);
  }
  // The handle of a product is stronger than an earlier one.
  p.name = "Other cup";
  const auto other = create(p).value().product_id;
  BOOST_TEST(name_by_handle("cup").value() == "Other cup");
  rename(other, "other-cup");
  BOOST_TEST(name_by_handle("cup").value() == "Other cup");
  BOOST_REQUIRE(run(delete_product{other}, staff));
  // The first product had it, too, but lost it to the other one.
  BOOST_TEST(!name_by_handle("cup").has_value());
  BOOST_TEST(name_by_handle("blue-cup").value() == "Cup");
}

BOOST_FIXTURE_TEST_CASE(the_oldest_handle_is_forgotten, dated_catalog) {
  auto p = product_of("Cup", 100);
  p.handle = "h0";
  const auto cup = create(p).value().product_id;
  for (int i = 1; i <= 25; ++i) {
    time.advance(seconds{1});
    rename(cup, "h" + std::to_string(i));
  }
  BOOST_TEST(!name_by_handle("h4").has_value());
  BOOST_TEST(name_by_handle("h5").has_value());
  BOOST_TEST(name_by_handle("h24").has_value());
}

BOOST_AUTO_TEST_SUITE_END()
