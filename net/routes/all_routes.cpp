#include "net/routes/all_routes.hpp"

#include "net/routes/repair_routes.hpp"

namespace stoa::front {

void add_all_routes(routes& r, const front_end& front, bool with_pages) {
  add_user_routes(r);
  add_catalog_routes(r);
  add_collection_routes(r);
  add_product_type_routes(r);
  add_location_routes(r);
  add_media_routes(r);
  add_export_routes(r);
  add_export_job_routes(r);
  add_import_routes(r);
  add_search_routes(r);
  add_cart_routes(r);
  add_cart_code_routes(r);
  add_checkout_routes(r);
  add_order_routes(r);
  add_payment_routes(r);
  add_payment_method_routes(r);
  add_saved_method_routes(r);
  add_reconciliation_routes(r);
  add_promotion_routes(r);
  add_price_list_routes(r);
  add_tax_routes(r);
  add_shipping_routes(r);
  add_credit_routes(r);
  add_webhook_routes(r);
  add_sms_routes(r);
  add_announcement_routes(r);
  add_notification_routes(r);
  add_push_routes(r);
  add_unsubscribe_routes(r);
  add_webhook_endpoint_routes(r);
  add_operation_routes(r, front);
  add_dead_letter_routes(r);
  add_repair_routes(r);
  add_page_routes(r, with_pages);
}

}  // namespace stoa::front
