#include "net/front/openapi_texts.hpp"

#include "net/front/openapi_operation.hpp"

#include <array>
#include <string>

namespace stoa::front::openapi {

namespace {

constexpr member_text common[] = {
    {"*", "actor", "Who did it: the id of a user, guest or system."},
    {"*", "address_line1", "Street and number."},
    {"*", "address_line2", "Further lines of the address; absent when there are none."},
    {"*", "allow_backorder", "true: it can be bought when none is in stock."},
    {"*", "alt_text", "What the image shows, for those who do not see it."},
    {"*", "attempts", "The number of attempts so far."},
    {"*", "attributes", "Free JSON of the store. Staff only."},
    {"*", "available", "Whether it can be bought now."},
    {"*", "billing_address", "The address of the payer."},
    {"*", "cart_id", "The id of the cart. That of a guest's cart is a secret."},
    {"*", "cart_item_id", "The id of the line."},
    {"*", "category_id", "The id of the category."},
    {"*", "city", "The town or city."},
    {"*", "company", "The company; absent when there is none."},
    {"*", "compare_at_price", "The price before a reduction; absent when there is none."},
    {"*", "country", "ISO 3166-1 alpha-2 code."},
    {"*", "created_at", "When it was created."},
    {"*", "current_password", "The password of the account."},
    {"*", "data", "The rows, in the order of the list."},
    {"*", "description", "Plain text; absent or empty when there is none."},
    {"*", "email", "The mail address."},
    {"*", "first_name", "The given name."},
    {"*", "handle", "A unique name for URLs; absent when there is none."},
    {"*", "image_url", "An http or https URL; the file is not stored here."},
    {"*", "import_id", "The id of the import."},
    {"*", "inventory_count", "Units that can be bought now: on_hand less reserved."},
    {"*", "last_name", "The family name."},
    {"*", "line_total", "The price of the line's units."},
    {"*", "log_id", "The id of the entry."},
    {"*", "logged_at", "When it happened."},
    {"*", "name", "The name that people see."},
    {"*", "next_attempt_at", "When the next attempt is due; absent when none is."},
    {"*", "next_cursor", "Send it as cursor for the next page; null on the last page."},
    {"*", "notification_id", "The id of the notification."},
    {"*", "on_hand", "Units in the warehouse, reserved ones included. Staff only."},
    {"*", "options", "The options of a variant, such as size; empty for other products."},
    {"*", "order_id", "The id of the order."},
    {"*", "parent_category_id", "The category above; null or absent at the top."},
    {"*", "parent_product_id", "The product whose variant it is; absent for other products."},
    {"*", "password", "The password, in plain text over HTTPS."},
    {"*", "payment_id", "The id of the payment."},
    {"*", "phone", "A phone number for the delivery; absent when there is none."},
    {"*", "phone_number", "A phone number; absent when there is none."},
    {"*", "position", "The place among the images of the product, from 0."},
    {"*", "postal_code", "The postal code, in the form of the country."},
    {"*", "price", "The price of one unit."},
    {"*", "product_id", "The id of the product or variant."},
    {"*", "quantity", "The number of units."},
    {"*", "reason", "Why, for people; absent when nothing was said."},
    {"*", "recipient", "The address that it is sent to."},
    {"*", "refresh_token", "A token for new access tokens. It can be used once."},
    {"*", "reserved", "Units that orders hold. Staff only."},
    {"*", "role", "What the user may do."},
    {"*", "service", "The name of the service."},
    {"*", "shipping_address", "The address that the goods go to."},
    {"*", "sku", "The stock-keeping unit, unique in the store; absent when there is none."},
    {"*", "state", "The state or province; absent when there is none."},
    {"*", "status", "The state that it is in."},
    {"*", "total", "The number of rows on all pages; present with count=true."},
    {"*", "track_inventory", "false: units are not counted, and it never sells out."},
    {"*", "transaction_id", "The gateway's id of the charge; absent before there is one."},
    {"*", "updated_at", "When it was last changed."},
    {"*", "user_id", "The id of the user; absent for a guest."},
    {"*", "username", "The name to log in with, unique in the store."},
    {"*", "version", "The version of the program."},
};

constexpr member_text specific[] = {
    {"anonymous_link", "rel", "What the link leads to."},
    {"anonymous_link", "href", "The path of the document."},
    {"anonymous_service_state", "ready", "Whether the service answers."},
    {"anonymous_service_state", "missing", "What it waits for; absent when it is ready."},
    {"anonymous_service_state", "requests_in_flight", "Requests that it works on."},
    {"anonymous_service_state", "mailbox", "Messages that wait for it."},
    {"anonymous_service_state", "outbox_lag_s", "The age of its oldest undelivered event, in s."},
    {"cart", "expires_at", "When the cart is deleted unless it changes."},
    {"cart", "items", "The lines, in the order in which they were added."},
    {"cart", "notices", "What the buyer must know before an order; empty: nothing."},
    {"cart", "reserved_until", "Until when the goods of a declined checkout stay reserved."},
    {"cart", "subtotal", "The sum of the lines; null above what an order may cost."},
    {"cart", "user_id", "The owner; absent for a guest."},
    {"cart", "version", "Counts the changes of the cart; the ETag begins with it."},
    {"cart", "line_count", "The number of lines."},
    {"cart_summary", "quantity", "The number of units in all lines."},
    {"cart_item", "added_at", "When the product was first added."},
    {"cart_item", "available", "Whether the quantity can be bought now."},
    {"cart_item", "inventory_count", "Units that this cart can buy now."},
    {"cart_item", "line_total", "The price of the units; null above what an order may cost."},
    {"cart_item", "price", "The price of one unit now."},
    {"cart_item", "price_changed", "Whether the price differs from price_when_added."},
    {"cart_item", "price_when_added", "The price of one unit when it was added."},
    {"cart_item", "product", "The product, with expand=items.product, while it is sold."},
    {"cart_notice", "cart_item_id", "The line; absent when it is about the whole cart."},
    {"cart_notice", "detail", "For people; may change."},
    {"category", "children", "The categories directly below, by name."},
    {"category_ref", "description", "Present with expand=category, when there is one."},
    {"category_ref", "parent_category_id", "Present with expand=category; absent at the top."},
    {"category_list", "data", "The categories at the top, each with those below it."},
    {"category_list", "total", "The number of categories on all levels; with count=true."},
    {"checkout", "billing_address", "The address of the payer; absent: shipping_address."},
    {"checkout", "expected_total", "The total that the buyer has seen; 409 for another one."},
    {"checkout", "payment_method", "What the buyer pays with."},
    {"dead_letter", "created_at", "When the event happened."},
    {"dead_letter", "error", "Why the last attempt failed."},
    {"dead_letter", "event_id", "The id of the event."},
    {"dead_letter", "failed_at", "When the last attempt failed."},
    {"dead_letter", "payload", "The event, as JSON text."},
    {"dead_letter", "service", "The service that could not apply it."},
    {"dead_letter", "source", "The service whose event it is."},
    {"dead_letter", "type", "The type of the event."},
    {"email_verification", "token", "The token of the mail."},
    {"import", "bytes", "The size of the file."},
    {"import", "changes", "What a dry run would change, one line each; at most 200."},
    {"import", "columns_kept", "The columns that are kept as attributes."},
    {"import", "columns_updated", "The columns that set fields of products."},
    {"import", "created_by", "The user who began it."},
    {"import", "dry_run", "Whether it only lists what would change."},
    {"import", "error", "Why it failed or was interrupted; absent otherwise."},
    {"import", "finished_at", "When it ended; absent before."},
    {"import", "problems", "Rejected rows and warnings; at most 100 of each kind."},
    {"import", "products", "Counts of the products so far."},
    {"import", "rows", "Rows read so far."},
    {"import", "rows_rejected", "Rows that were not imported."},
    {"import", "set_stock", "Whether it sets the stock of products that existed."},
    {"import", "started_at", "When it began to read the file; absent before."},
    {"import", "state", "The stage that the import is in."},
    {"import", "warnings", "Values that were changed or ignored."},
    {"import_problem", "column", "The column; empty: the row or product as a whole."},
    {"import_problem", "line", "The line of the file, from 1."},
    {"import_problem", "reason", "What is wrong, for people."},
    {"import_problem", "rejected", "true: it was not imported; false: a warning."},
    {"import_problem", "value", "The value in the file."},
    {"import_products", "created", "Products that are new."},
    {"import_products", "rejected", "Products that were not imported."},
    {"import_products", "unchanged", "Products that the file did not change."},
    {"import_products", "updated", "Products that were changed."},
    {"inventory_change", "reason", "Why, for the product's stock changes."},
    {"json_web_key", "alg", "The signature algorithm."},
    {"json_web_key", "crv", "The curve."},
    {"json_web_key", "kid", "The id of the key, as in the header of tokens."},
    {"json_web_key", "kty", "The type of the key."},
    {"json_web_key", "use", "sig: it verifies signatures."},
    {"json_web_key", "x", "The x coordinate, base64url."},
    {"json_web_key", "y", "The y coordinate, base64url."},
    {"json_web_key_set", "keys", "The keys that verify access tokens (RFC 7517)."},
    {"lane_state", "batches", "Commits since the lane was taken."},
    {"lane_state", "epoch", "How often the lane has been taken."},
    {"lane_state", "lane", "The number of the lane."},
    {"lane_state", "mailbox", "Messages that wait for the writer."},
    {"lane_state", "messages", "Messages in those commits."},
    {"lane_state", "outbox_held", "Events that are not delivered yet."},
    {"lane_state", "outbox_lag_us", "The age of the oldest undelivered event, in microseconds."},
    {"liveness", "status", "live."},
    {"log_details", "amount", "The amount that the gateway was asked for."},
    {"log_details", "code", "The gateway's code of a failure."},
    {"log_details", "detail", "What the gateway said."},
    {"log_details", "key", "The idempotency key of the call."},
    {"log_details", "token", "The token of the instrument, masked."},
    {"new_account", "role", "What the user may do."},
    {"new_cart_item", "product_id", "The product or variant to add."},
    {"new_cart_item", "quantity", "Units to add to those in the cart."},
    {"new_product", "on_hand", "Units in the warehouse at the beginning."},
    {"new_product", "status", "Draft: staff only; Active: sold."},
    {"node", "bus", "What carries events: nodes, broker, or a broker that is away."},
    {"node", "cluster", "The name of the cluster."},
    {"node", "leaving", "Whether the node hands over its lanes to stop."},
    {"node", "node", "The name of the node."},
    {"node", "port", "The port for other nodes; 0: none."},
    {"node", "protocol", "The version of the protocol between nodes."},
    {"node", "services", "The services that run there."},
    {"node", "up_s", "Seconds since its start."},
    {"node_list", "data", "The nodes, the one that answers first."},
    {"notification", "html", "The message as HTML."},
    {"notification", "logs", "The attempts, oldest first."},
    {"notification", "message", "The message as plain text."},
    {"notification", "order_id", "The order that it is about; absent when it is about none."},
    {"notification", "sent_at", "When it was sent; absent before."},
    {"notification", "subject", "The subject line."},
    {"notification", "template_name", "The template that made it."},
    {"notification", "type", "The channel."},
    {"notification", "user_id", "The user that it is for; absent for a guest."},
    {"notification_log", "error_message", "Why the attempt failed; absent when it did not."},
    {"notification_log", "status", "What came of the attempt."},
    {"option_value", "name", "The name of the option, such as Size."},
    {"option_value", "value", "Its value, such as M."},
    {"order", "access_token", "The guest's token for this order; in answers to a checkout only."},
    {"order", "cancel_code", "Why it was cancelled, for programs; absent when it was not."},
    {"order", "email", "The address that mails about the order go to."},
    {"order", "items", "The lines, as they were bought."},
    {"order", "payments", "Its payments, oldest first, with expand=payments."},
    {"order", "status_history", "The states of the order, oldest first."},
    {"order", "total_amount", "The sum of the lines."},
    {"order", "user", "Its user, with expand=user; absent for a guest or a deleted account."},
    {"order_change", "reason", "Why, for the order's history and its customer."},
    {"order_item", "name", "The name of the product when it was bought."},
    {"order_item", "order_item_id", "The id of the line."},
    {"order_item", "price_at_purchase", "The price of one unit when it was bought."},
    {"order_item", "product", "The product, with expand=items.product, while it can be seen."},
    {"password_change", "new_password", "The password from now on."},
    {"payment", "amount", "The amount to be charged."},
    {"payment", "effect", "The call to the gateway that is due; absent when none is."},
    {"payment", "failure_code", "Why it failed; absent when it did not."},
    {"payment", "logs", "The calls to the gateway and its answers, oldest first."},
    {"payment", "order", "Its order, with expand=order."},
    {"payment", "payment_method", "The type of the payment method."},
    {"payment", "refunded_amount", "What was refunded; absent when nothing was."},
    {"payment_log", "details", "The values of the call or answer."},
    {"payment_log", "event", "What happened."},
    {"payment_method", "type", "The type of the payment method."},
    {"problem", "errors", "The fields that are wrong; absent when the problem is another one."},
    {"problem", "status", "The status of the answer."},
    {"product", "category", "The name of the category; absent when there is none."},
    {"product", "category_id", "The category; null when there is none."},
    {"product", "description", "Plain text; empty when there is none."},
    {"product", "images", "The images, by position."},
    {"product", "price", "The price of one unit; with variants the lowest of theirs."},
    {"product", "status", "Draft, Active or Deleted. Staff only."},
    {"product", "variants", "The variants; empty for a product that is sold itself."},
    {"product_change", "attributes", "Merged into the attributes (RFC 7396)."},
    {"product_change", "category_id", "The category; null: none."},
    {"product_change", "compare_at_price", "The price before a reduction; null: none."},
    {"product_change", "handle", "A unique name for URLs; null: none."},
    {"product_change", "options", "The options of a variant."},
    {"product_change", "sku", "The stock-keeping unit; null: none."},
    {"product_change", "status", "Draft: staff only; Active: sold."},
    {"product_image", "image_id", "The id of the image."},
    {"product_variant", "being_removed",
     "true: an import removed it while orders hold units. It is not sold. Staff only."},
    {"product_variant", "name", "The name of the variant."},
    {"product_variant", "status", "Draft, Active or Deleted. Staff only."},
    {"readiness", "services", "The services of this node."},
    {"readiness", "status", "ready, not ready, or stopping."},
    {"root", "links", "The documents that describe the API."},
    {"root", "name", "The name of the store."},
    {"service_state", "in_flight", "Requests that it works on."},
    {"service_state", "lanes", "Lanes of the service in the cluster; 0: not known yet."},
    {"service_state", "owned", "The lanes that this node has."},
    {"service_state", "readable", "Whether the node answers its queries."},
    {"status_change", "changed_at", "When the order entered the state."},
    {"status_change", "status", "The state that the order entered."},
    {"stock_change", "cause", "What changed the stock."},
    {"stock_change", "created_at", "When the stock changed."},
    {"stock_change", "ledger_id", "The id of the entry."},
    {"stock_change", "note", "The reason that staff gave; absent when they gave none."},
    {"stock_change", "on_hand_change", "Units added to on_hand; negative: taken."},
    {"stock_change", "reference", "The order's id; absent when no order did it."},
    {"stock_change", "reserved_change", "Units added to reserved; negative: released."},
    {"stock_change_list", "stock", "The stock now."},
    {"tokens", "access_token", "A JWT to send as Authorization: Bearer."},
    {"tokens", "expires_in", "The life of the access token, in seconds."},
    {"tokens", "token_type", "Bearer."},
    {"user", "email", "The mail address, unique in the store."},
    {"user_address", "profile_id", "The id of the address."},
    {"user_address_list", "next_cursor", "Always null: the list is whole."},
};

std::string_view row_of(std::span<const member_text> rows, std::string_view schema,
                        std::string_view member) {
  for (const auto& row : rows) {
    if (row.schema == schema && row.member == member) return row.text;
  }
  return {};
}

}  // namespace

std::span<const member_text> schema_texts() {
  return specific;
}
std::span<const member_text> common_texts() {
  return common;
}

std::string_view text_of_member(std::string_view schema, std::string_view member) {
  constexpr std::array<std::string_view, 5> forms{"_input", "_resource", "_detail", "_summary",
                                                  "_view"};
  auto name = schema;
  for (bool is_form = true; is_form;) {
    if (const auto text = row_of(specific, name, member); !text.empty()) return text;
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
