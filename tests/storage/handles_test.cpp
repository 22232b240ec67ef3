// Handles of products, categories and collections, given and automatic, on each database.

#include "storage/catalog/handle_text.hpp"
#include "tests/support/catalog_fixture.hpp"

using namespace stoa;
using namespace stoa::catalog;

namespace {

using strings = std::vector<std::string>;

template <class T>
std::string handle_pointer(const result<T>& r) {
  return r || r.error().errors.empty() ? "" : r.error().errors.front().pointer;
}

struct named_catalog : test::catalog_fixture {
  std::string handle_of(stoa::product_id id) { return detail(id).handle.value_or("none"); }
  std::string made(const std::string& name) { return handle_of(product(name, 100)); }

  result<category_view> new_category_of(const std::string& name,
                                        std::optional<std::string> handle = std::nullopt,
                                        std::optional<stoa::category_id> parent = std::nullopt) {
    return run(create_category{{name, std::nullopt, parent, std::move(handle)}}, staff);
  }
  result<category_view> set_handle(stoa::category_id id, std::optional<std::string> handle) {
    category_change c;
    c.handle = {true, std::move(handle)};
    return run(change_category{id, c}, staff);
  }
  /// The current handles of the categories that the handle leads to.
  strings by_handle(const std::string& handle) {
    strings found;
    for (const auto& c : read(category_tree{{}, handle}).value().data) {
      found.push_back(c.handle.value_or("none"));
    }
    return found;
  }
  result<collection_view> collection(const std::string& name,
                                     std::optional<std::string> handle = std::nullopt) {
    return run(create_collection{terms_of(name, std::move(handle))}, staff);
  }
  static collection_terms terms_of(const std::string& name, std::optional<std::string> handle) {
    collection_terms terms;
    terms.name = name;
    terms.handle = std::move(handle);
    terms.product_ids.emplace();
    return terms;
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(handles)

BOOST_AUTO_TEST_CASE(a_name_makes_a_handle) {
  const std::vector<std::pair<const char*, const char*>> cases{
      {"Blue Cup", "blue-cup"},
      {"  --Größe: 7 W!! ", "grosse-7-w"},
      {"Men's T-Shirt", "mens-t-shirt"},
      {"Men\u2019s", "mens"},
      {"Кофе и чай", "kofe-i-caj"},
      {"Соль", "sol"},
      {"ΚΑΦΕΣ", "kaphes"},
      {"Crème brûlée № 5", "creme-brulee-no-5"},
      {"!!!", ""},
      {"\U0001F600", ""},
      {"", ""},
      {"\xff\xfe", ""},
      {"İstanbul ILGIN", "istanbul-ilgin"}};
  for (const auto& [name, handle] : cases) BOOST_TEST(handle_text(name) == handle, name);
  // Signs are transliterated, not dropped.
  BOOST_TEST(!handle_text("\u6771\u4eac").empty());
  const auto longest = handle_text(std::string(300, 'a') + " b");
  BOOST_TEST(longest.size() == handle_text_bytes_max);
  const auto cut = handle_text(std::string(handle_text_bytes_max - 1, 'a') + " bc");
  BOOST_TEST(cut == std::string(handle_text_bytes_max - 1, 'a'));
  for (const char* hostile : {"a/../b", "<script>", "a\nb", "%2e%2e", "a\\b"}) {
    const auto handle = handle_text(hostile);
    BOOST_TEST(handle.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") ==
               std::string::npos);
  }
}

BOOST_FIXTURE_TEST_CASE(products_of_one_name_have_different_handles, named_catalog) {
  BOOST_TEST(made("Blue Cup") == "blue-cup");
  BOOST_TEST(made("Blue cup!") == "blue-cup-2");
  auto given = product_of("Other", 100);
  given.handle = "blue-cup-3";
  BOOST_REQUIRE(create(given));
  BOOST_TEST(made("Blue Cup") == "blue-cup-4");
  BOOST_TEST(made("Blue Cup") == "blue-cup-5");
  // More of them end with a part of their ids.
  const auto sixth = product("Blue Cup", 100);
  const auto text = sixth.str();
  BOOST_TEST(handle_of(sixth) == "blue-cup-" + text.substr(text.size() - 12));
  BOOST_TEST(made("!!!") == "product");
  BOOST_TEST(made("019a0000-0000-7000-8000-000000000001") ==
             "product-019a0000-0000-7000-8000-000000000001");
  BOOST_TEST(!detail(variant(sixth, "M")).handle.has_value());
}

BOOST_FIXTURE_TEST_CASE(products_of_one_batch_have_different_handles, named_catalog) {
  auto given = product_of("Other", 100);
  given.handle = "cup-2";
  BOOST_REQUIRE(create(given));
  std::vector<create_product> batch;
  for (int i = 0; i < 4; ++i) batch.push_back({product_of("Cup", 100)});
  batch[1].product.handle = "cup-3";
  const auto made_now = run_batch(std::move(batch), context_of(staff));
  strings found;
  for (const auto& one : made_now) found.push_back(one.value().handle.value());
  BOOST_TEST((found == strings{"cup", "cup-3", "cup-4", "cup-5"}));
}

BOOST_FIXTURE_TEST_CASE(a_rename_keeps_the_handle_until_a_new_one_is_asked_for, named_catalog) {
  const auto id = product("Blue Cup", 100);
  product_change c;
  c.name = "Red Cup";
  BOOST_REQUIRE(change(id, c));
  BOOST_TEST(handle_of(id) == "blue-cup");
  product_change asked;
  asked.handle = {true, std::nullopt};
  BOOST_REQUIRE(change(id, asked));
  BOOST_TEST(handle_of(id) == "red-cup");
  BOOST_REQUIRE(change(id, asked));
  BOOST_TEST(handle_of(id) == "red-cup");
  // The earlier handle leads to the product, so another one does not get it by itself.
  BOOST_TEST(made("Blue Cup") == "blue-cup-2");
  product_change back;
  back.name = "Blue Cup";
  back.handle = {true, std::nullopt};
  BOOST_REQUIRE(change(id, back));
  BOOST_TEST(handle_of(id) == "blue-cup");
}

BOOST_FIXTURE_TEST_CASE(categories_have_unique_handles, named_catalog) {
  const auto home = new_category_of("Home").value();
  BOOST_TEST(home.handle.value() == "home");
  const auto lamps = new_category_of("Lamps", "lights", home.category_id).value();
  const auto garden = new_category_of("Garden").value();
  // Unique in the store, not only among siblings.
  BOOST_TEST(test::code_of(new_category_of("Lights", "lights", garden.category_id)) ==
             "handle_taken");
  BOOST_TEST(new_category_of("Lights", {}, garden.category_id).value().handle.value() ==
             "lights-2");
  BOOST_TEST(test::code_of(set_handle(garden.category_id, "lights")) == "handle_taken");
  BOOST_TEST(handle_pointer(set_handle(garden.category_id, home.category_id.str())) == "/handle");
  auto q = product_of("Lamp", 100);
  q.category_id = lamps.category_id;
  BOOST_TEST(create(q).value().category->handle.value() == "lights");
  BOOST_TEST((by_handle("lights") == strings{"lights"}));
  BOOST_TEST((by_handle("nothing") == strings{}));
  const auto tree = read(category_tree{{}, "home"}).value().data;
  BOOST_TEST_REQUIRE(tree.size() == 1U);
  BOOST_TEST(tree[0].children.size() == 1U);
}

BOOST_FIXTURE_TEST_CASE(earlier_handles_of_categories_lead_to_them, named_catalog) {
  const auto lamps = new_category_of("Lamps").value().category_id;
  BOOST_REQUIRE(set_handle(lamps, "lights"));
  BOOST_TEST((by_handle("lamps") == strings{"lights"}));
  BOOST_TEST((by_handle("lights") == strings{"lights"}));
  // null: one made from the name; here its own earlier one.
  BOOST_TEST(set_handle(lamps, std::nullopt).value().handle.value() == "lamps");
  BOOST_TEST((by_handle("lights") == strings{"lamps"}));
  // Another category takes the earlier handle only if staff say so.
  BOOST_TEST(new_category_of("Lights").value().handle.value() == "lights-2");
  const auto other = new_category_of("Other", "lights").value().category_id;
  BOOST_TEST((by_handle("lights") == strings{"lights"}));
  // At most twenty lead to a category.
  for (int i = 0; i < 23; ++i) BOOST_REQUIRE(set_handle(lamps, "h" + std::to_string(i)));
  BOOST_TEST((by_handle("h0") == strings{}));
  BOOST_TEST((by_handle("h2") == strings{"h22"}));
  BOOST_REQUIRE(run(delete_category{lamps}, staff));
  BOOST_TEST((by_handle("h2") == strings{}));
  BOOST_TEST((by_handle("lights") == strings{"lights"}));
  BOOST_REQUIRE(run(delete_category{other}, staff));
}

BOOST_FIXTURE_TEST_CASE(collections_keep_their_handles, named_catalog) {
  const auto summer = collection("Summer Sale").value();
  BOOST_TEST(summer.handle.value() == "summer-sale");
  // Products, categories and collections have their own handles.
  BOOST_TEST(made("Summer Sale") == "summer-sale");
  BOOST_TEST(new_category_of("Summer Sale").value().handle.value() == "summer-sale");
  BOOST_TEST(collection("Summer sale").value().handle.value() == "summer-sale-2");
  const auto replace = [&](const std::string& name, std::optional<std::string> handle) {
    return run(replace_collection{summer.collection_id, terms_of(name, std::move(handle))}, staff)
        .value()
        .handle.value();
  };
  BOOST_TEST(replace("Winter", std::nullopt) == "summer-sale");
  BOOST_TEST(replace("Winter", "winter") == "winter");
  const auto found = read(list_collections{false, "summer-sale"}).value().data;
  BOOST_TEST_REQUIRE(found.size() == 1U);
  BOOST_TEST(found[0].handle.value() == "winter");
  BOOST_REQUIRE(run(delete_collection{summer.collection_id}, staff));
  BOOST_TEST(read(list_collections{false, "summer-sale"}).value().data.empty());
}

BOOST_FIXTURE_TEST_CASE(the_sweep_gives_missing_handles, named_catalog) {
  const auto first = product("Blue Cup", 100);
  const auto second = product("Green Cup", 100);
  const auto size = variant(second, "M");
  const auto home = new_category_of("Home").value().category_id;
  const auto picks = collection("Picks").value().collection_id;
  // As imports and earlier versions have left them.
  for (const char* table : {"products", "categories", "collections"}) {
    database->run_script("UPDATE " + std::string(table) + " SET handle=NULL;");
  }
  BOOST_TEST(sweep() == 1U);
  BOOST_TEST(sweep() == 0U);
  BOOST_TEST(handle_of(first) == "blue-cup");
  BOOST_TEST(handle_of(second) == "green-cup");
  BOOST_TEST(!detail(size).handle.has_value());
  BOOST_TEST(read(get_category{home}).value().handle.value() == "home");
  BOOST_TEST(read(get_collection{picks}).value().handle.value() == "picks");
}

BOOST_AUTO_TEST_SUITE_END()
