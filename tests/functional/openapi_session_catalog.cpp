// Collections, related products, product types and translations in the session through all
// operations.

#include "tests/functional/openapi_session.hpp"

namespace stoa::test {

void session::collections() {
  const std::string path = "/admin/v1/collections";
  const auto product = goods().front().id;
  const auto other = goods().back().id;
  const auto made =
      call(201, "POST", path,
           R"({"name":"Picks","handle":"picks","product_ids":[")" + product + R"("]})", root);
  const auto place = made.header("Location");
  const auto shown = "/store/v1/collections/" + id(made, "collection_id");
  call(409, "POST", path, R"({"name":"Picks","handle":"picks","product_ids":[]})", root);
  call(422, "POST", path, R"({"name":"Rule","rule":{}})", root);
  call(200, "GET", path + "?count=true", "", root);
  call(200, "GET", "/store/v1/collections?handle=picks");
  call(200, "GET", shown + "?locale=de");
  const auto tag = call(200, "GET", place, "", root).header("ETag");
  call(304, "GET", place, "", with(root, "If-None-Match", tag));
  const std::string terms =
      R"({"name":"Cheap","rule":{"max_price":100000000,"filter":"vendor:acme"},"sort":"price"})";
  call(412, "PUT", place, terms, with(root, "If-Match", "\"other\""));
  call(200, "PUT", place, terms, root);
  call(200, "GET",
       "/store/v1/products?collection_id=" + id(made, "collection_id") +
           "&facets=category,price,availability,vendor,tag,option,attribute");
  call(204, "DELETE", place, "", root);
  call(404, "GET", shown);
  call(404, "DELETE", place, "", root);

  const auto related = "/admin/v1/products/" + product + "/related";
  const auto refs = R"({"data":[{"product_id":")" + other + R"(","kind":"accessory"}]})";
  call(200, "GET", related, "", root);
  call(200, "PUT", related, refs, root);
  call(422, "PUT", related, R"({"data":[{"product_id":")" + product + R"(","kind":"similar"}]})",
       root);
  call(404, "PUT", "/admin/v1/products/" + unknown_id + "/related", refs, root);
  call(200, "GET", "/store/v1/products/" + product + "/related?limit=3");
  call(404, "GET", "/store/v1/products/" + unknown_id + "/related");

  const std::string synonyms = "/admin/v1/search/synonyms";
  call(200, "GET", synonyms, "", root);
  call(200, "PUT", synonyms, R"({"groups":[["lamp","light"]]})", root);
  call(422, "PUT", synonyms, R"({"groups":[["lamp"]]})", root);
  call(200, "GET", "/store/v1/products?q=lamp&highlight=true&locale=de-AT");
  call(200, "PUT", synonyms, R"({"groups":[]})", root);
  call(200, "GET", "/store/v1/search/suggestions?q=a&limit=3");
  call(400, "GET", "/store/v1/search/suggestions");
}

void session::product_types() {
  const std::string path = "/admin/v1/product-types";
  const auto type = path + "/lamp";
  const std::string terms =
      R"({"name":"Lamp","attributes":[{"key":"watts","name":"Power","type":"number","unit":"W",)"
      R"("required":true,"filterable":true}]})";
  call(200, "PUT", type, terms, root);
  call(422, "PUT", type, R"({"name":"Lamp","attributes":[{"key":"A","name":"A","type":"text"}]})",
       root);
  call(412, "PUT", path + "/new", terms, with(root, "If-Match", "\"other\""));
  call(200, "GET", path, "", root);
  const auto tag = call(200, "GET", type, "", root).header("ETag");
  call(304, "GET", type, "", with(root, "If-None-Match", tag));
  const std::string price = R"(,"price":{"amount":100,"currency":"EUR"},"product_type":"lamp")";
  call(422, "POST", "/admin/v1/products", R"({"name":"Lamp")" + price + "}", root);
  const auto made = call(201, "POST", "/admin/v1/products",
                         R"({"name":"Lamp","vendor":"Acme","tags":["new"],)"
                         R"("archive_at":"2099-01-01T00:00:00Z","attributes":{"watts":7})" +
                             price + "}",
                         root);
  call(200, "GET", "/store/v1/products/" + id(made, "product_id"));
  call(200, "GET", "/store/v1/products?filter=attribute.watts:7%20W;tag:new&facets=attribute");
  call(409, "DELETE", type, "", root);
  call(204, "DELETE", made.header("Location"), "", root);
  call(204, "DELETE", type, "", root);
  call(404, "GET", type, "", root);
}

void session::locations() {
  const std::string path = "/admin/v1/locations";
  const auto product = goods().front().id;
  const auto made =
      call(201, "POST", path,
           R"({"name":"Shop","code":"S-1","address":{"country":"GB","city":"London"},)"
           R"("countries":["GB"],"pickup":true,"priority":3})",
           root);
  const auto place = made.header("Location");
  const auto shop = id(made, "location_id");
  call(409, "POST", path, R"({"name":"Other","code":"S-1"})", root);
  call(422, "POST", path, R"({"name":"Other","countries":["XX"]})", root);
  call(200, "GET", path + "?count=true", "", root);
  const auto tag = call(200, "GET", place, "", root).header("ETag");
  call(304, "GET", place, "", with(root, "If-None-Match", tag));
  call(412, "PATCH", place, R"({"priority":2})", with(root, "If-Match", "\"other\""));
  call(200, "PATCH", place, R"({"priority":2,"code":null})", root);
  call(422, "PATCH", place, R"({"priority":-1})", root);
  call(404, "PATCH", path + "/" + unknown_id, R"({"priority":2})", root);
  const auto stock = "/admin/v1/products/" + product + "/inventory";
  const std::string default_id = "01900000-0000-7000-8000-000000000001";
  const auto move = [](const std::string& from, const std::string& to, const char* units) {
    return R"({"from_location_id":")" + from + R"(","to_location_id":")" + to + R"(","quantity":)" +
           units + "}";
  };
  call(200, "POST", stock, R"({"change":3,"location_id":")" + shop + R"("})", root);
  call(200, "POST", stock + "/transfer", move(shop, default_id, "1"), root);
  call(409, "POST", stock + "/transfer", move(shop, default_id, "1000000"), root);
  call(422, "POST", stock + "/transfer", move(shop, unknown_id, "1"), root);
  call(404, "POST", "/admin/v1/products/" + unknown_id + "/inventory/transfer",
       move(shop, default_id, "1"), root);
  call(200, "GET", stock, "", root);
  call(200, "GET", "/store/v1/products/" + product + "/pickup");
  call(404, "GET", "/store/v1/products/" + unknown_id + "/pickup");
  call(409, "DELETE", place, "", root);
  call(409, "PATCH", place, R"({"active":false})", root);
  // The customer's location is nearer: the order is supplied from there.
  const auto order = "/admin" + bought(product, {}).header("Location").substr(6) + "/allocations";
  const auto moves = [&](const std::string& from, const std::string& to, const char* units) {
    return R"({"moves":[{"product_id":")" + product + R"(",)" + move(from, to, units).substr(1) +
           "]}";
  };
  const auto seen = call(200, "GET", order, "", root);
  BOOST_TEST(text_at(seen.json(), "/data/0/allocations/0/location_id") == shop);
  call(412, "POST", order + "/move", moves(shop, default_id, "1"),
       with(root, "If-Match", "\"other\""));
  call(409, "POST", order + "/move", moves(shop, default_id, "2"), root);
  call(422, "POST", order + "/move", moves(shop, unknown_id, "1"), root);
  call(422, "POST", order + "/move", R"({"moves":[]})", root);
  call(404, "POST", "/admin/v1/orders/" + unknown_id + "/allocations/move",
       moves(shop, default_id, "1"), root);
  call(200, "POST", order + "/move", moves(shop, default_id, "1"),
       with(root, "If-Match", seen.header("ETag")));
  call(200, "POST", stock + "/transfer", move(shop, default_id, "2"), root);
  call(204, "DELETE", place, "", root);
  call(404, "DELETE", place, "", root);
  call(404, "GET", place, "", root);
  call(404, "GET", "/admin/v1/orders/" + unknown_id + "/allocations", "", root);
  call(400, "GET", "/store/v1/products?min_price=2&max_price=1");
}

void session::translations() {
  const auto category = call(201, "POST", "/admin/v1/categories", R"({"name":"Translated"})", root)
                            .header("Location");
  const auto collection =
      call(201, "POST", "/admin/v1/collections", R"({"name":"Translated","product_ids":[]})", root)
          .header("Location");
  for (const auto& resource : {"/admin/v1/products/" + goods().front().id, category, collection}) {
    const auto list = resource + "/translations";
    call(200, "PUT", list + "/de-AT", R"({"name":"Übersetzt","description":"Text"})", root);
    call(422, "PUT", list + "/de-AT", "{}", root);
    call(412, "PUT", list + "/fr", R"({"name":"x"})", with(root, "If-Match", "\"other\""));
    call(200, "GET", list, "", root);
    call(200, "GET", list + "/de-AT", "", root);
    call(404, "GET", list + "/it", "", root);
    call(204, "DELETE", list + "/de-AT", "", root);
    call(404, "DELETE", list + "/de-AT", "", root);
  }
  call(404, "GET", "/admin/v1/products/" + unknown_id + "/translations", "", root);
  const std::string labels = "/admin/v1/label-translations";
  const std::string terms = R"({"labels":[{"facet":"option.size","label":"Größe"},)"
                            R"({"facet":"tag","value":"new","label":"neu"}]})";
  const auto put = call(200, "PUT", labels + "/de", terms, root);
  call(412, "PUT", labels + "/de", terms, with(root, "If-Match", "\"other\""));
  call(200, "PUT", labels + "/de", terms, with(root, "If-Match", put.header("ETag")));
  call(422, "PUT", labels + "/de", R"({"labels":[{"facet":"size","label":"x"}]})", root);
  call(200, "GET", labels + "?count=true", "", root);
  const auto tag = call(200, "GET", labels + "/de", "", root).header("ETag");
  call(304, "GET", labels + "/de", "", with(root, "If-None-Match", tag));
  call(404, "GET", labels + "/not_a_tag", "", root);
  call(200, "GET", "/store/v1/products?facets=option,tag&locale=de-AT");
  call(200, "PUT", labels + "/de", R"({"labels":[]})", root);
  call(200, "GET", "/store/v1/categories?locale=de");
  call(200, "GET", "/store/v1/products/" + goods().front().id + "?locale=de");
}

}  // namespace stoa::test
