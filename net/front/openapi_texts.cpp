#include "net/front/openapi_texts.hpp"

#include "net/front/openapi_operation.hpp"

#include <array>
#include <string>

namespace stoa::front::openapi {

namespace {

constexpr member_text common[] = {
    {"*", "actor", "Who made the change: the id of a user, guest or system."},
    {"*", "address_line1", "Street and number."},
    {"*", "address_line2", "Further lines of the address; absent when there are none."},
    {"*", "allow_backorder", "Whether it can be ordered when out of stock."},
    {"*", "alt_text", "A text alternative for the image."},
    {"*", "attempts", "The number of attempts so far."},
    {"*", "attributes", "Custom JSON of the store. Staff only."},
    {"*", "available", "Whether it can be ordered now."},
    {"*", "billing_address", "The address of the payer."},
    {"*", "cart_id", "The id of the cart. A guest's cart id is a secret."},
    {"*", "cart_item_id", "The id of the line."},
    {"*", "category_id", "The id of the category."},
    {"*", "city", "The town or city."},
    {"*", "company", "The company; absent when there is none."},
    {"*", "compare_at_price", "The price before a reduction; absent when there is none."},
    {"*", "country", "The ISO 3166-1 alpha-2 country code."},
    {"*", "created_at", "When it was created."},
    {"*", "current_password", "The password of the account."},
    {"*", "data", "The rows of the page."},
    {"*", "description", "Plain text; absent or empty when there is none."},
    {"*", "email", "The email address."},
    {"*", "export_id", "The id of the export."},
    {"*", "first_name", "The given name."},
    {"*", "handle",
     "A unique name for URLs; absent for a few seconds after an import that gives none."},
    {"*", "image_url",
     "An http or https URL of a link. Of an uploaded image, its URL in the media "
     "store: a path of this server unless media.public_url is set."},
    {"*", "import_id", "The id of the import."},
    {"*", "instrument_id", "The id of the payment instrument; for the store's services."},
    {"*", "inventory_count", "Units available: on_hand minus reserved."},
    {"*", "last_name", "The family name."},
    {"*", "line_total", "The price of all units of the line."},
    {"*", "log_id", "The id of the entry."},
    {"*", "logged_at", "When it happened."},
    {"*", "low_stock_threshold",
     "Available units at which stock.low is emitted; absent: that of the store. Staff only."},
    {"*", "name", "The display name."},
    {"*", "next_attempt_at", "When the next attempt is due; absent when none is."},
    {"*", "next_cursor", "Send it as cursor for the next page; null on the last page."},
    {"*", "notification_id", "The id of the notification."},
    {"*", "on_hand", "Units in the warehouse, reserved ones included. Staff only."},
    {"*", "options", "The options of a variant, such as size; empty for other products."},
    {"*", "order", "The order."},
    {"*", "order_id", "The id of the order."},
    {"*", "parent_category_id", "The parent category; null or absent at the top level."},
    {"*", "parent_product_id", "The parent product of a variant; absent for other products."},
    {"*", "password", "The password, in plain text over HTTPS."},
    {"*", "payment_id", "The id of the payment."},
    {"*", "phone", "A phone number for the delivery; absent when there is none."},
    {"*", "phone_number", "A phone number; absent when there is none."},
    {"*", "position", "The position among the product's images, from 0."},
    {"*", "postal_code", "The postal code, in the country's format."},
    {"*", "price", "The price of one unit."},
    {"*", "product_id", "The id of the product or variant."},
    {"*", "quantity", "The number of units."},
    {"*", "reason", "The reason, for display; absent when none was given."},
    {"*", "recipient", "The address of the recipient."},
    {"*", "refresh_token", "A token to obtain new access tokens. It can be used once."},
    {"*", "reserved", "Units reserved by orders. Staff only."},
    {"*", "role", "The role, which determines the user's permissions."},
    {"*", "service", "The name of the service."},
    {"*", "shipping_address", "The delivery address."},
    {"*", "sku", "The stock-keeping unit, unique in the store; absent when there is none."},
    {"*", "state", "The state or province; absent when there is none."},
    {"*", "status", "The current status."},
    {"*", "total", "The number of rows on all pages; present with count=true."},
    {"*", "track_inventory", "Whether stock is tracked; if not, the product never sells out."},
    {"*", "transaction_id", "The gateway's id of the charge; absent until there is one."},
    {"*", "updated_at", "When it was last changed."},
    {"*", "user_id", "The id of the user; absent for a guest."},
    {"*", "username", "The name to log in with, unique in the store."},
    {"*", "version", "The version of the program."},
};

std::string_view row_of(std::span<const member_text> rows, std::string_view schema,
                        std::string_view member) {
  for (const auto& row : rows) {
    if (row.schema == schema && row.member == member) return row.text;
  }
  return {};
}

}  // namespace

std::string_view text_of_member(std::string_view schema, std::string_view member) {
  constexpr std::array<std::string_view, 5> forms{"_input", "_resource", "_detail", "_summary",
                                                  "_view"};
  auto name = schema;
  for (bool is_form = true; is_form;) {
    for (const auto rows :
         {schema_texts(), pricing_texts(), catalog_texts(), webhook_texts(), event_texts()}) {
      if (const auto text = row_of(rows, name, member); !text.empty()) return text;
    }
    is_form = false;
    for (const auto form : forms) {
      if (!name.ends_with(form)) continue;
      name.remove_suffix(form.size());
      is_form = true;
      break;
    }
  }
  return row_of(common, "*", member);
}

void describe_members(json::value& schemas) {
  for (auto& [name, schema] : members(schemas)) {
    auto* properties = find(schema, "properties");
    if (!properties) continue;
    for (auto& p : members(*properties)) {
      const auto said = text_of_member(name, p.name);
      if (p.value.if_object() && !find(p.value, "description") && !said.empty()) {
        add(p.value, "description", text(said));
      }
    }
  }
}

}  // namespace stoa::front::openapi
