#pragma once
// All routes of the API, in the order of the services.

#include "net/front/front.hpp"

namespace stoa::front {

void add_user_routes(routes& r);
void add_catalog_routes(routes& r);
void add_collection_routes(routes& r);
void add_product_type_routes(routes& r);
/// Locations and the stock at each.
void add_location_routes(routes& r);
/// Uploaded images.
void add_media_routes(routes& r);
/// Exports and imports of the catalogue.
void add_export_routes(routes& r);
void add_export_job_routes(routes& r);
void add_import_routes(routes& r);
/// The index of the search engine.
void add_search_routes(routes& r);
void add_cart_routes(routes& r);
/// Codes of promotions in carts, and quotes.
void add_cart_code_routes(routes& r);
void add_checkout_routes(routes& r);
/// Promotions and their codes, for staff.
void add_promotion_routes(routes& r);
/// Price lists and their prices, for staff.
void add_price_list_routes(routes& r);
/// Tax rates and shipping zones, for staff.
void add_tax_routes(routes& r);
void add_shipping_routes(routes& r);
/// Gift cards and store credit.
void add_credit_routes(routes& r);
void add_order_routes(routes& r);
void add_payment_routes(routes& r);
/// The offered payment methods, and what staff do with offline payments.
void add_payment_method_routes(routes& r);
/// The payment methods that users have saved.
void add_saved_method_routes(routes& r);
void add_reconciliation_routes(routes& r);
/// Webhooks of payment gateways.
void add_webhook_routes(routes& r);
/// Reports of SMS providers.
void add_sms_routes(routes& r);
void add_announcement_routes(routes& r);
void add_notification_routes(routes& r);
/// Subscriptions to push messages.
void add_push_routes(routes& r);
/// The link in emails that unsubscribes.
void add_unsubscribe_routes(routes& r);
/// Outgoing webhooks.
void add_webhook_endpoint_routes(routes& r);
/// /livez, /readyz, /metrics, /openapi.json, /asyncapi.json and the dead letters.
void add_operation_routes(routes& r, const front_end& front);

/// / and, unless http.docs is off, the API documentation pages.
void add_page_routes(routes& r, bool with_pages);

/// Adds all routes.
void add_all_routes(routes& r, const front_end& front, bool with_pages);

}  // namespace stoa::front
