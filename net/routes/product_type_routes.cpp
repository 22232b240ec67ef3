// Product types, translations and labels, for staff.

#include "actors/catalog/product_type_messages.hpp"
#include "net/routes/all_routes.hpp"
#include "net/routes/language.hpp"
#include "net/routes/staff_about.hpp"

namespace stoa::front {

namespace {

using namespace stoa::catalog;
using response_task = task<http::response>;

const std::string types_path = "/admin/v1/product-types";
const std::string type_path = types_path + "/{key}";
/// A hundred attributes with two hundred choices of 255 characters would be more; that of a shop
/// is far smaller.
constexpr std::size_t type_body_bytes_max = 512 * 1024;
constexpr std::size_t translation_body_bytes_max = 12 * 65'536 + 8 * 1024;
const std::string labels_path = "/admin/v1/label-translations";
/// 5,000 labels of about 200 bytes.
constexpr std::size_t labels_body_bytes_max = 1024 * 1024;

response_task list_types(exchange& x, none) {
  list_product_types query;
  auto page = co_await x.ask(std::move(query));
  if (x.shape.count) page.total = static_cast<std::int64_t>(page.data.size());
  co_return x.cacheable(page);
}

response_task one_type(exchange& x, none) {
  get_product_type query{x.path_value("key")};
  auto view = co_await x.ask(std::move(query));
  co_return x.cacheable(view);
}

response_task put_type(exchange& x, product_type_terms terms) {
  put_product_type command{x.path_value("key"), std::move(terms), x.precondition()};
  auto view = co_await x.command(std::move(command));
  co_return x.with_etag(x.json(200, view));
}

response_task delete_type(exchange& x, none) {
  delete_product_type command{x.path_value("key"), x.precondition()};
  co_await x.command(std::move(command));
  co_return x.no_content();
}

/// The path's language in canonical form. A malformed one is 422 for a new translation, else 404.
std::string path_locale(const exchange& x, bool is_new = false) {
  std::optional<std::string> locale = x.path_value("locale");
  std::vector<field_error> errors;
  check_locale(locale, errors);
  if (!errors.empty() && !is_new) fail(not_found("translation"));
  if (!errors.empty()) {
    fail({problem_kind::validation, "validation_failed", "The request contains invalid values.",
          std::move(errors)});
  }
  return canonical_locale(locale).value();
}

/// A kind of resource that has translations.
template <translated_kind Kind, class Id>
struct translated {
  std::string path;  ///< of the resource, with its id
  std::string parameter;
  std::string noun;

  uuid resource(const exchange& x) const { return x.path_id<Id>(parameter, noun).value; }
};

template <translated_kind Kind, class Id>
void add_translations(routes& r, translated<Kind, Id> t) {
  const auto list_path = t.path + "/translations";
  const auto one_path = list_path + "/{locale}";
  r.get<none, translation_page>(list_path,
                                for_staff("admin_list_" + t.noun + "_translations",
                                          "List the translations of a " + t.noun, {200, 304}),
                                [t](exchange& x, none) -> response_task {
                                  list_translations query{Kind, t.resource(x)};
                                  auto page = co_await x.ask(std::move(query));
                                  if (x.shape.count)
                                    page.total = static_cast<std::int64_t>(page.data.size());
                                  co_return x.cacheable(page);
                                });
  r.get<none, translation_view>(one_path,
                                for_staff("admin_get_" + t.noun + "_translation",
                                          "Get a translation of a " + t.noun, {200, 304}),
                                [t](exchange& x, none) -> response_task {
                                  const auto locale = path_locale(x);
                                  list_translations query{Kind, t.resource(x)};
                                  auto page = co_await x.ask(std::move(query));
                                  for (const auto& one : page.data) {
                                    if (one.locale == locale) co_return x.cacheable(one);
                                  }
                                  fail(not_found("translation"));
                                });
  auto put = for_staff_if_match("admin_put_" + t.noun + "_translation",
                                "Set the name and description of a " + t.noun + " in a language",
                                {200}, {404, 409, 412, 422});
  put.body_bytes_max = translation_body_bytes_max;
  r.put<translation_terms, translation_view>(
      one_path, std::move(put), [t](exchange& x, translation_terms terms) -> response_task {
        put_translation command{Kind, t.resource(x), path_locale(x, true), std::move(terms),
                                x.precondition()};
        auto view = co_await x.command(std::move(command));
        co_return x.with_etag(x.json(200, view));
      });
  r.del<none, none>(
      one_path,
      for_staff_if_match("admin_delete_" + t.noun + "_translation",
                         "Delete a translation of a " + t.noun, {204}, {404, 412}),
      [t](exchange& x, none) -> response_task {
        delete_translation command{Kind, t.resource(x), path_locale(x), x.precondition()};
        co_await x.command(std::move(command));
        co_return x.no_content();
      });
}

response_task list_labels(exchange& x, none) {
  list_label_locales query;
  auto page = co_await x.ask(std::move(query));
  if (x.shape.count) page.total = static_cast<std::int64_t>(page.data.size());
  co_return x.cacheable(page);
}

response_task labels_of(exchange& x, none) {
  get_labels query{path_locale(x)};
  auto view = co_await x.ask(std::move(query));
  co_return x.cacheable(view);
}

response_task replace_labels(exchange& x, label_terms terms) {
  put_labels command{path_locale(x, true), std::move(terms), x.precondition()};
  auto view = co_await x.command(std::move(command));
  co_return x.with_etag(x.json(200, view));
}

void add_labels(routes& r) {
  r.get<none, label_locale_page>(
      labels_path,
      for_staff("admin_list_label_translations", "List the languages with translated labels",
                {200, 304}, {}),
      list_labels);
  r.get<none, label_list>(
      labels_path + "/{locale}",
      for_staff("admin_get_label_translations",
                "Get how options, tags and attributes are shown in a language", {200, 304}),
      labels_of);
  auto put = for_staff_if_match("admin_replace_label_translations",
                                "Set how options, tags and attributes are shown in a language",
                                {200}, {409, 412, 422});
  put.description =
      "Replaces all labels of the language. Customers who ask for it see the labels in place of "
      "the "
      "names and values of options, of tags, and of the names and texts of specifications; facets "
      "show them besides the values, which stay the ones to filter by. Searches find the words of "
      "labels of options and tags within seconds.";
  put.body_bytes_max = labels_body_bytes_max;
  put.json_values_max = json_values_any;
  r.put<label_terms, label_list>(labels_path + "/{locale}", std::move(put), replace_labels);
}

}  // namespace

void add_product_type_routes(routes& r) {
  add_labels(r);
  r.get<none, product_type_page>(
      types_path, for_staff("admin_list_product_types", "List product types", {200, 304}, {}),
      list_types);
  r.get<none, product_type_view>(
      type_path, for_staff("admin_get_product_type", "Get a product type", {200, 304}), one_type);
  auto put = for_staff_if_match("admin_put_product_type",
                                "Create or replace a product type with its attributes", {200},
                                {409, 412, 422});
  put.description =
      "Products with this type have values of these attributes in their member `attributes`, which "
      "are checked; customers see them as `specifications`. A change reaches the products within "
      "seconds.";
  put.body_bytes_max = type_body_bytes_max;
  put.json_values_max = json_values_any;
  r.put<product_type_terms, product_type_view>(type_path, std::move(put), put_type);
  r.del<none, none>(
      type_path,
      for_staff_if_match("admin_delete_product_type", "Delete a product type that no product has",
                         {204}, {404, 409, 412}),
      delete_type);
  add_translations(r, translated<translated_kind::product, stoa::product_id>{
                          "/admin/v1/products/{product_id}", "product_id", "product"});
  add_translations(r, translated<translated_kind::category, stoa::category_id>{
                          "/admin/v1/categories/{category_id}", "category_id", "category"});
  add_translations(r, translated<translated_kind::collection, stoa::collection_id>{
                          "/admin/v1/collections/{collection_id}", "collection_id", "collection"});
}

}  // namespace stoa::front
