// What a file changes in a store: its columns and no others; stock of restored products; SKUs that
// move between products.

#include "tests/support/import_store.hpp"

#include <algorithm>

using namespace stoa;
using namespace stoa::test;

BOOST_AUTO_TEST_SUITE(import_columns)

BOOST_AUTO_TEST_CASE(what_a_file_has_no_column_for_stays) {
  import_store s;
  s.load_text(
      "Handle,Title,Status,Variant Price,Variant Inventory "
      "Qty\na,A,active,9.99,5\nb,B,draft,1,1\n");
  s.load_text("Handle,Title,Tags\na,A,x\nb,B,y\n", true);
  BOOST_TEST(s.by_handle("a").price.amount == 999);
  BOOST_TEST(*s.by_handle("a").on_hand == 5);
  BOOST_TEST((*s.by_handle("b").status == catalog::product_status::Draft));
  BOOST_TEST(s.notes.empty());

  // Each column alone, on a complete product: only its value changes.
  const std::string full = shopify::test::write_text({shirt()}, {"Fit"});
  for (const char* column :
       {"Body (HTML)", "Vendor", "Tags", "Published", "Image Src,Image Alt Text", "Status", "Cut",
        "Option1 Name,Option1 Value,Variant SKU", "Option1 Name,Option1 Value,Variant Price",
        "Option1 Name,Option1 Value,Variant Inventory Qty", "Variant Price", "Variant SKU"}) {
    import_store one;
    one.load_text(full);
    const auto before = shopify::test::write_text(one.exported(), {"Fit"});
    std::vector<std::string> names;
    std::string row_of_s = "shirt,Shirt";
    std::string row_of_m = "shirt,";
    std::string all = column;
    for (std::size_t at = 0; at <= all.size();) {
      auto end = std::min(all.find(',', at), all.size());
      const std::string name = all.substr(at, end - at);
      at = end + 1;
      auto value = [&](const std::string& v) { row_of_s += "," + v; };
      auto second = [&](const std::string& v) { row_of_m += "," + v; };
      if (name == "Body (HTML)") value("<p>Cotton</p>"), second("");
      if (name == "Vendor") value("Ova"), second("");
      if (name == "Tags") value("\"summer,sale\""), second("");
      if (name == "Published") value("true"), second("");
      if (name == "Status") value("active"), second("");
      if (name == "Cut") value(""), second("");
      if (name == "Image Src") value("https://x.example/1.jpg"), second("https://x.example/2.jpg");
      if (name == "Image Alt Text") value("Front"), second("");
      if (name == "Option1 Name") value("Size"), second("");
      if (name == "Option1 Value") value("S"), second("M");
      if (name == "Variant SKU") value("SHIRT-S"), second("SHIRT-M");
      if (name == "Variant Price") value("19.99"), second("19.99");
      if (name == "Variant Inventory Qty") value("5"), second("5");
    }
    std::string text = "Handle,Title," + all + "\n" + row_of_s + "\n";
    if (all.starts_with("Option1") || all.starts_with("Image")) text += row_of_m + "\n";
    one.load_text(text, true);
    auto after = one.exported();
    for (auto& p : after) p.extra.erase("Status");
    BOOST_TEST(shopify::test::write_text(after, {"Fit"}) == before, column);
  }
}

BOOST_AUTO_TEST_CASE(an_empty_cell_of_a_column_that_is_there_counts) {
  import_store s;
  auto p = shirt();
  p.extra["Status"] = "draft";
  s.load({p}, {"EUR", true, false, [] {
                 auto columns = shopify::file_columns::all();
                 columns.add_extra("Fit");
                 columns.add_extra("Status");
                 return columns;
               }()});
  s.load_text(
      "Handle,Title,Vendor,Fit,Option1 Name,Option1 Value,Variant SKU,Variant Barcode,Image Src\n"
      "shirt,Shirt,,,Size,S,,,\nshirt,,,,,M,SHIRT-M,,\n");
  const auto after = s.exported().front();
  BOOST_TEST(after.vendor == "");
  BOOST_TEST((after.extra == shopify::extra_columns{{"Status", "draft"}}));
  BOOST_TEST(after.variants[0].sku == "");
  BOOST_TEST(after.variants[1].sku == "SHIRT-M");
  BOOST_TEST(after.variants[0].barcode == "");
  BOOST_TEST(after.variants[0].grams == 150);
  BOOST_TEST(after.images.empty());
  BOOST_TEST(after.body_html == "<p>Cotton</p>");
  // "Status" and "Published" are combined, also when the file has only one of them.
  auto status = [&](const std::string& column, const std::string& value) {
    s.load_text("Handle,Title," + column + "\nshirt,Shirt," + value + "\n");
    return s.by_handle("shirt").status == catalog::product_status::Active;
  };
  BOOST_TEST(!status("Published", "true"));
  BOOST_TEST(status("Status", "active"));
  BOOST_TEST(!status("Published", "false"));
  BOOST_TEST(!status("Status", "active"));
  BOOST_TEST(status("Published", ""));
}

BOOST_AUTO_TEST_CASE(a_new_product_without_a_price_column_is_a_draft) {
  import_store s;
  s.load_text("Handle,Title,Published\nnew,New,true\n");
  BOOST_TEST((*s.by_handle("new").status == catalog::product_status::Draft));
  BOOST_TEST(s.notes.size() == 1U);
  s.load_text("Handle,Title,Published\nnew,New,true\n");
  BOOST_TEST((*s.by_handle("new").status == catalog::product_status::Draft));
  s.load_text("Handle,Title,Published,Variant Price\nnew,New,true,3\n");
  BOOST_TEST((*s.by_handle("new").status == catalog::product_status::Active));
  BOOST_TEST(s.by_handle("new").price.amount == 300);
}

BOOST_AUTO_TEST_CASE(fewer_option_columns_than_options_leave_the_product_alone) {
  import_store s;
  const std::string two =
      "Handle,Title,Option1 Name,Option1 Value,Option2 Name,Option2 Value,Variant Price\n"
      "shirt,Shirt,Size,S,Colour,Red,1\nshirt,,,M,,Red,2\n";
  s.load_text(two);
  const auto counts =
      s.load_text("Handle,Title,Option1 Name,Option1 Value,Variant Price\nshirt,Shirt,Size,S,5\n");
  BOOST_TEST(counts.refused == 1U);
  BOOST_TEST_REQUIRE(s.notes.size() == 1U);
  BOOST_TEST(s.notes[0].find("\"Colour\"") != std::string::npos);
  BOOST_TEST(s.by_handle("shirt").variants.size() == 2U);
  // Without variants in the file, the product's variants and their prices stay.
  s.load_text("Handle,Title,Variant Price\nshirt,Blouse,5\n");
  BOOST_TEST(s.notes.size() == 2U);
  BOOST_TEST(s.by_handle("shirt").variants.at(1).price.amount == 200);
  BOOST_TEST(s.by_handle("shirt").variants.at(1).name == "Blouse - M / Red");
}

BOOST_AUTO_TEST_CASE(what_returns_has_the_quantity_of_the_file) {
  import_store s;
  const std::string head =
      "Handle,Title,Option1 Name,Option1 Value,Variant Price,Variant Inventory Qty\n";
  s.load_text(head + "p,P,Size,S,1,10\np,,,M,1,10\n");
  s.load_text(head + "p,P,Size,S,1,10\n");
  s.load_text(head + "p,P,Size,S,1,99\np,,,M,1,3\n");
  BOOST_TEST(*s.by_handle("p").variants.at(0).on_hand == 10);
  BOOST_TEST(*s.by_handle("p").variants.at(1).on_hand == 3);
  s.load_text(head + "p,P,,,1,7\n");
  BOOST_TEST(*s.by_handle("p").on_hand == 7);
  s.load_text(head + "p,P,Size,S,1,1\n");
  s.load_text(head + "p,P,,,1,2\n");
  BOOST_TEST(*s.by_handle("p").on_hand == 2);
  s.run(catalog::adjust_stock{s.by_handle("p").product_id, {std::nullopt, 0, std::nullopt}});
  s.run(catalog::delete_product{s.by_handle("p").product_id});
  s.load_text(head + "p,P,,,1,50\n");
  BOOST_TEST(*s.by_handle("p").on_hand == 50);
}

BOOST_AUTO_TEST_CASE(skus_end_where_the_file_has_them) {
  auto sku = [](import_store& s, const std::string& handle) {
    return s.by_handle(handle).sku.value_or("-");
  };
  const std::string head = "Handle,Title,Variant SKU,Variant Price\n";
  // A swap, a cycle of three, a chain with a new end; more products than a batch in between.
  for (std::size_t between : {0U, 100U}) {
    import_store s;
    std::string others;
    for (std::size_t i = 0; i < between; ++i) {
      others += "o" + std::to_string(i) + ",O,O-" + std::to_string(i) + ",1\n";
    }
    s.load_text(head + "a,A,X,1\n" + others + "b,B,Y,1\nc,C,Z,1\n");
    s.load_text(head + "a,A,Y,1\n" + others + "b,B,X,1\nc,C,Z,1\n");
    BOOST_TEST(sku(s, "a") == "Y");
    BOOST_TEST(sku(s, "b") == "X");
    s.load_text(head + "a,A,X,1\n" + others + "b,B,Z,1\nc,C,Y,1\n");
    BOOST_TEST(sku(s, "a") == "X");
    BOOST_TEST(sku(s, "b") == "Z");
    BOOST_TEST(sku(s, "c") == "Y");
    s.load_text(head + "a,A,Z,1\n" + others + "b,B,Y,1\nc,C,W,1\n");
    BOOST_TEST(sku(s, "a") == "Z");
    BOOST_TEST(sku(s, "b") == "Y");
    BOOST_TEST(sku(s, "c") == "W");
    BOOST_TEST(s.notes.empty());
    check_unchanged(s.load_text(head + "a,A,Z,1\n" + others + "b,B,Y,1\nc,C,W,1\n"), between + 3);
  }
  // From a variant that the file removes, and between variants of one product.
  import_store s;
  const std::string options = "Handle,Title,Option1 Name,Option1 Value,Variant SKU,Variant Price\n";
  s.load_text(options + "a,A,,,,1\np,P,Size,S,X,1\np,,,M,Y,1\np,,,L,Z,1\n");
  s.load_text(options + "a,A,,,X,1\np,P,Size,M,Z,1\np,,,L,Y,1\n");
  BOOST_TEST(sku(s, "a") == "X");
  BOOST_TEST(s.by_handle("p").variants.at(0).sku.value_or("-") == "Z");
  BOOST_TEST(s.by_handle("p").variants.at(1).sku.value_or("-") == "Y");
  BOOST_TEST(s.notes.empty());
  // A SKU kept by another product is reported; the export has the products' present SKUs.
  s.load_text(head + "b,B,X,1\n");
  BOOST_TEST_REQUIRE(s.notes.size() == 1U);
  BOOST_TEST(s.notes[0].find("b: the SKU X is not set: The SKU X belongs to the product A") == 0U);
  BOOST_TEST(sku(s, "b") == "-");
  std::size_t with_x = 0;
  for (const auto& p : s.exported()) with_x += p.variants.front().sku == "X" ? 1 : 0;
  BOOST_TEST(with_x == 1U);
  // A SKU removed by staff does not return with the export.
  s.run(catalog::change_product{s.by_handle("a").product_id, [] {
                                  catalog::product_change c;
                                  c.sku = {true, std::nullopt};
                                  return c;
                                }()});
  for (const auto& p : s.exported()) {
    if (p.handle == "a") BOOST_TEST(p.variants.front().sku == "");
  }
}

BOOST_AUTO_TEST_CASE(the_order_of_rows_decides_nothing) {
  const std::string head = "Handle,Title,Variant SKU,Variant Price\n";
  struct scenario {
    std::string before;             ///< the store's products
    std::vector<std::string> rows;  ///< of the file, in all orders
    std::string after;              ///< handle=SKU
  };
  const std::vector<scenario> all{
      // X stays with a product that is not in the file: b keeps Y, so that c keeps Z.
      {"a,A,X,1\nb,B,Y,1\nc,C,Z,1\n", {"b,B,X,1", "c,C,Y,1", "d,D,Z,1"}, "a=X b=Y c=Z d=-"},
      // Twice in the file: neither row gets it, and each keeps its SKU.
      {"a,A,X,1\nb,B,Y,1\n", {"a,A,X,1", "b,B,X,1", "c,C,X,1"}, "a=X b=Y c=-"},
      {"", {"a,A,X,1", "b,B,X,1", "c,C,Z,1"}, "a=- b=- c=Z"},
      {"a,A,X,1\nb,B,Y,1\n", {"a,A,W,1", "b,B,V,1", "c,C,V,1"}, "a=W b=Y c=-"},
      // A cycle, and a chain that ends in a released SKU.
      {"a,A,X,1\nb,B,Y,1\nc,C,Z,1\n", {"a,A,Y,1", "b,B,Z,1", "c,C,X,1"}, "a=Y b=Z c=X"},
      {"a,A,X,1\nb,B,Y,1\nc,C,Z,1\n",
       {"a,A,,1", "b,B,X,1", "c,C,Y,1", "d,D,Z,1"},
       "a=- b=X c=Y d=Z"},
  };
  for (const auto& one : all) {
    std::vector<std::string> notes;
    auto rows = one.rows;
    std::sort(rows.begin(), rows.end());
    do {
      import_store s;
      if (!one.before.empty()) s.load_text(head + one.before);
      std::string file = head;
      for (const auto& row : rows) file += row + "\n";
      s.load_text(file);
      std::string after;
      for (const char* handle : {"a", "b", "c", "d"}) {
        if (!s.catalog.find(handle)) continue;
        after += std::string(after.empty() ? "" : " ") + handle + "=" +
                 s.by_handle(handle).sku.value_or("-");
      }
      BOOST_TEST(after == one.after, file);
      std::sort(s.notes.begin(), s.notes.end());
      for (auto& note : s.notes) note.resize(std::min(note.find(" ("), note.size()));
      if (notes.empty()) notes = s.notes;
      BOOST_TEST(s.notes == notes, boost::test_tools::per_element());
      s.notes.clear();
      check_unchanged(s.load_text(file), rows.size());
    } while (std::next_permutation(rows.begin(), rows.end()));
  }
}

BOOST_AUTO_TEST_CASE(a_draft_without_a_price_is_published_by_one) {
  const auto status = [](import_store& s) { return *s.by_handle("new").status; };
  using catalog::product_status;
  const std::vector<std::pair<std::string, std::string>> files{
      {"Status,Variant Price", "active,3"},
      {"Variant Price", "3"},
      {"Published,Variant Price", "true,3"}};
  for (const auto& [columns, values] : files) {
    import_store s;
    s.load_text("Handle,Title,Status\nnew,New,active\n");
    BOOST_TEST((status(s) == product_status::Draft));
    BOOST_TEST(s.notes.size() == 1U);
    // The reason is repeated, and nothing changes.
    for (const auto* again : {"Handle,Title,Status\nnew,New,active\n", "Handle,Title\nnew,New\n"}) {
      s.notes.clear();
      check_unchanged(s.load_text(again), 1);
      BOOST_TEST(s.notes.size() == 1U);
    }
    s.notes.clear();
    s.load_text("Handle,Title," + columns + "\nnew,New," + values + "\n");
    BOOST_TEST((status(s) == product_status::Active), columns);
    BOOST_TEST(s.notes == std::vector<std::string>{"new: Published: it now has a price."},
               boost::test_tools::per_element());
    BOOST_TEST(s.by_handle("new").attributes->text.find("draft_reason") == std::string::npos);
  }
  // An export contains the reason: only the price must be filled in.
  {
    import_store s;
    s.load_text("Handle,Title,Status\nnew,New,active\n");
    auto file = s.export_text();
    for (const bool priced : {false, true}) {
      if (priced) file.replace(file.find(",0.00,"), 6, ",3.00,");
      import_store fresh;
      for (auto* store : {&fresh, &s}) {
        store->load_text(file);
        BOOST_TEST((status(*store) == (priced ? product_status::Active : product_status::Draft)));
        check_unchanged(store->load_text(file), 1);
      }
    }
  }
  // Not products that the last file or staff keep as drafts.
  import_store s;
  s.load_text("Handle,Title,Status\nnew,New,active\n");
  s.load_text("Handle,Title,Status\nnew,New,draft\n");
  s.load_text("Handle,Title,Variant Price\nnew,New,3\n");
  BOOST_TEST((status(s) == product_status::Draft));
  import_store t;
  t.load_text("Handle,Title\nnew,New\n");
  catalog::product_change c;
  c.status = product_status::Draft;
  t.run(catalog::change_product{t.by_handle("new").product_id, c});
  t.load_text("Handle,Title,Variant Price\nnew,New,3\n");
  BOOST_TEST((status(t) == product_status::Draft));
}

BOOST_AUTO_TEST_CASE(a_dry_run_names_what_it_would_update) {
  import_store s;
  const std::string head =
      "Handle,Title,Vendor,Type,Tags,Option1 Name,Option1 Value,Variant SKU,Variant Price,Fit\n";
  s.load_text(head + "p,P,V,Home > Mugs,a,Size,S,X,1,slim\np,,,,,,M,Y,2,\n");
  const auto lines = [&](const std::string& rows) {
    s.changed.clear();
    const auto counts = s.load_text(head + rows, false, true);
    BOOST_TEST(counts.updated == (s.changed.empty() ? 0U : 1U), rows);
    std::string text;
    for (const auto& line : s.changed) text += line + "\n";
    return text;
  };
  // The order of variants is not a change.
  BOOST_TEST(lines("p,P,V,Home > Mugs,a,Size,M,Y,2,slim\np,,,,,,S,X,1,\n") == "");
  BOOST_TEST(lines("p,P,V,Home > Mugs,a,Size,S,Q,1,slim\np,,,,,,M,Y,2,\n") ==
             "p [P - S] sku: X -> Q\n");
  // A category of the same name under another parent.
  BOOST_TEST(lines("p,P,V,Shop > Mugs,a,Size,S,X,1,slim\np,,,,,,M,Y,2,\n") ==
             "p new_category:  -> Shop\np new_category:  -> Mugs\n"
             "p category: Home > Mugs -> Shop > Mugs\n");
  BOOST_TEST(lines("p,P,V,Home > Mugs,b,Size,S,X,1,slim\np,,,,,,M,Y,2,\n") ==
             "p keywords: V a -> V b\np attributes.tags: [\"a\"] -> [\"b\"]\n");
  BOOST_TEST(lines("p,P,V,Home > Mugs,a,Size,S,X,1,wide\np,,,,,,M,Y,2,\n") ==
             "p attributes.columns.Fit: slim -> wide\n");
}

BOOST_AUTO_TEST_CASE(a_dry_run_tells_empty_values_from_none) {
  import_store s;
  const std::string head = "Handle,Title,Variant Price,Stoa Attributes\n";
  const auto file = [&](const std::string& attributes) {
    return head + "p,P,1,\"" + attributes + "\"\n";
  };
  // Of two files: the changes of the second one.
  const auto lines = [&](const std::string& from, const std::string& to) {
    s.load_text(file(from));
    s.changed.clear();
    BOOST_TEST(s.load_text(file(to), false, true).updated == 1U, from << to);
    std::string text;
    for (const auto& line : s.changed) text += line + "\n";
    return text;
  };
  BOOST_TEST(lines(R"({""a"":""""})", "{}") == "p attributes.a: \"\" -> \n");
  BOOST_TEST(lines("{}", R"({""a"":""""})") == "p attributes.a:  -> \"\"\n");
  BOOST_TEST(lines(R"({""a"":{}})", "{}") == "p attributes.a: {} -> \n");
  BOOST_TEST(lines(R"({""a"":{""b"":1}})", R"({""a"":""x""})") ==
             "p attributes.a: {\"b\":1} -> x\n");
  BOOST_TEST(lines(R"({""a"":{""b"":1}})", R"({""a"":{}})") == "p attributes.a.b: 1 -> \n");
  BOOST_TEST(lines(R"({""a"":{""b"":1}})", "{}") == "p attributes.a.b: 1 -> \n");
  BOOST_TEST(lines(R"({""a"":1})", R"({""a"":""1""})") == "p attributes.a: 1 -> \"1\"\n");
}

BOOST_AUTO_TEST_CASE(a_dry_run_lists_changes_and_makes_none) {
  import_store s;
  s.load({shirt()});
  const auto before = s.exported();
  const auto counts = s.load_text(
      "Handle,Title,Option1 Name,Option1 Value,Variant Price\nshirt,Shirt,Size,S,5\n"
      "shirt,,,M,19.99\nnew,New,,,1\n",
      false, true);
  BOOST_TEST(counts.created == 1U);
  BOOST_TEST(counts.updated == 1U);
  BOOST_TEST_REQUIRE(!s.changed.empty());
  BOOST_TEST(s.changed[0] == "shirt [Shirt - S] price: 19.99 EUR -> 5.00 EUR");
  BOOST_TEST((s.exported() == before));
}

BOOST_AUTO_TEST_SUITE_END()
