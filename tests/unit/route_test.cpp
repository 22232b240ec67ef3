// A message's partition. All events of an aggregate must come from one partition, and nodes of all
// versions must agree on it.

#include "actors/cart/cart_service.hpp"
#include "actors/catalog/catalog_service.hpp"
#include "actors/kernel/codec.hpp"
#include "actors/kernel/dead_letter_count.hpp"
#include "actors/kernel/kernel_commands.hpp"
#include "actors/kernel/service_definition.hpp"
#include "actors/notification/notification_service.hpp"
#include "actors/order/order_service.hpp"
#include "actors/payment/payment_service.hpp"
#include "actors/pricing/pricing_service.hpp"
#include "actors/user/user_service.hpp"
#include "tests/support/filler.hpp"

#include <boost/test/unit_test.hpp>

#include <map>
#include <random>
#include <stdexcept>

using namespace stoa;
using kernel::any_message;
using kernel::route_of;

namespace {

namespace mp = boost::mp11;

using services = mp::mp_list<user::user_service, catalog::catalog_service, cart::cart_service,
                             order::order_service, payment::payment_service,
                             notification::notification_service, pricing::pricing_service>;

const kernel::codec_table& table() {
  static const kernel::codec_table all = [] {
    kernel::codec_table t;
    mp::mp_for_each<mp::mp_transform<mp::mp_identity, services>>(
        [&](auto s) { t.add_service<typename decltype(s)::type>(); });
    kernel::add_kernel_commands(t);
    return t;
  }();
  return all;
}

/// The member that determines the route, found by its effect; "anywhere" without a route.
template <class M>
std::string key_of() {
  const auto* codec = table().find(M::name);
  if (!codec) throw std::logic_error("no codec of " + std::string(M::name));
  BOOST_TEST((codec->route != nullptr) == codec->routed);
  if (!codec->routed) return "anywhere";
  const auto body = test::filler::filled<M>();
  const auto route = codec->route(any_message::of(body));
  std::string key = "nothing that is known";
  for_each_member(body, [&](std::string_view name, const auto& member) {
    if constexpr (is_id<std::remove_cvref_t<decltype(member)>>) {
      if (route_of(member.value) == route) key = name;
    }
  });
  return key;
}

std::map<std::string, std::string> keys() {
  std::map<std::string, std::string> out;
  const auto add = [&](auto m) {
    using message = typename decltype(m)::type;
    out[std::string(message::name)] = key_of<message>();
  };
  mp::mp_for_each<mp::mp_transform<mp::mp_identity, services>>([&](auto s) {
    using service = typename decltype(s)::type;
    mp::mp_for_each<mp::mp_transform<mp::mp_identity, typename service::commands>>(add);
    mp::mp_for_each<mp::mp_transform<mp::mp_identity, typename service::queries>>(add);
  });
  out["kernel.dead_letters"] = key_of<kernel::dead_letters>();
  out["kernel.count_dead_letters"] = key_of<kernel::count_dead_letters>();
  out["kernel.discard_dead_letter"] = key_of<kernel::discard_dead_letter>();
  out["kernel.apply_event"] = key_of<kernel::apply_event>();
  out["kernel.note_operation"] = key_of<kernel::note_operation>();
  return out;
}

/// A change here makes two partitions emit events of one aggregate while nodes of two versions run,
/// which breaks the order of events.
const std::map<std::string, std::string> released = {
    // Emit events of that aggregate:
    {"order.place", "order_id"},
    {"order.cancel", "order_id"},
    {"order.ship", "order_id"},
    {"order.deliver", "order_id"},
    {"order.expire", "order_id"},
    {"order.update", "order_id"},
    {"order.claim", "order_id"},
    {"payment.gateway_result", "order_id"},
    {"payment.refund", "order_id"},
    {"payment.retry_refund", "order_id"},
    {"payment.capture", "order_id"},
    {"payment.receive_webhook", "order_id"},
    {"payment.activity_result", "order_id"},
    {"payment.store_instrument", "order_id"},
    {"catalog.expire_reservation", "order_id"},
    {"catalog.release_holds", "anywhere"},
    {"kernel.apply_event", "order_id"},
    {"user.delete", "user_id"},
    // Emit nothing; the partition that changes the same rows most often:
    {"cart.add_item", "cart_id"},
    {"cart.change_item", "cart_id"},
    {"cart.remove_item", "cart_id"},
    {"cart.clear", "cart_id"},
    {"cart.delete", "cart_id"},
    {"cart.merge", "cart_id"},
    {"cart.update", "cart_id"},
    {"cart.get", "cart_id"},
    {"cart.create_for_purchase", "cart_id"},
    {"payment.remove_saved_method", "user_id"},
    {"payment.set_default_method", "user_id"},
    {"payment.save_method", "user_id"},
    {"payment.method_result", "payment_method_id"},
    {"payment.retry_method", "payment_method_id"},
    {"payment.customer_result", "user_id"},
    {"payment.retry_customer", "user_id"},
    {"payment.list_saved_methods", "anywhere"},
    {"payment.receive_method_webhook", "user_id"},
    {"payment.get_method_owner", "anywhere"},
    {"payment.get_saved_method", "payment_method_id"},
    {"catalog.add_image", "product_id"},
    {"catalog.add_image_file", "product_id"},
    {"catalog.adjust_stock", "product_id"},
    {"catalog.apply_schedule", "anywhere"},
    {"catalog.change_location", "location_id"},
    {"catalog.assign_handles", "anywhere"},
    {"catalog.get_labels", "anywhere"},
    {"catalog.list_label_locales", "anywhere"},
    {"catalog.put_labels", "anywhere"},
    {"catalog.search_scope", "anywhere"},
    {"catalog.show_found", "anywhere"},
    {"catalog.create_collection", "anywhere"},
    {"catalog.create_location", "anywhere"},
    {"catalog.delete_location", "location_id"},
    {"catalog.get_location", "location_id"},
    {"catalog.get_order_allocations", "order_id"},
    {"catalog.list_locations", "anywhere"},
    {"catalog.list_pickup", "product_id"},
    {"catalog.transfer_stock", "product_id"},
    {"catalog.move_allocations", "order_id"},
    {"catalog.delete_collection", "collection_id"},
    {"catalog.delete_product_type", "anywhere"},
    {"catalog.delete_translation", "anywhere"},
    {"catalog.get_collection", "collection_id"},
    {"catalog.get_product_type", "anywhere"},
    {"catalog.get_related", "product_id"},
    {"catalog.get_synonyms", "anywhere"},
    {"catalog.list_collections", "anywhere"},
    {"catalog.list_product_types", "anywhere"},
    {"catalog.list_translations", "anywhere"},
    {"catalog.look_up_synonyms", "anywhere"},
    {"catalog.put_product_type", "anywhere"},
    {"catalog.put_translation", "anywhere"},
    {"catalog.replace_collection", "collection_id"},
    {"catalog.set_related", "product_id"},
    {"catalog.set_synonyms", "anywhere"},
    {"catalog.show_related", "product_id"},
    {"catalog.suggest", "anywhere"},
    {"catalog.change_category", "category_id"},
    {"catalog.change_image", "product_id"},
    {"catalog.change_product", "product_id"},
    {"catalog.delete_category", "category_id"},
    {"catalog.delete_product", "product_id"},
    {"catalog.get_category", "category_id"},
    {"catalog.get_product", "product_id"},
    {"catalog.import_product", "product_id"},
    {"catalog.import_sku", "product_id"},
    {"catalog.create_export", "export_id"},
    {"catalog.cancel_export", "export_id"},
    {"catalog.begin_export", "export_id"},
    {"catalog.put_export_part", "export_id"},
    {"catalog.fail_export", "export_id"},
    {"catalog.clear_export", "export_id"},
    {"catalog.get_export", "export_id"},
    {"catalog.get_export_part", "export_id"},
    {"catalog.create_import", "import_id"},
    {"catalog.put_import_part", "import_id"},
    {"catalog.queue_import", "import_id"},
    {"catalog.cancel_import", "import_id"},
    {"catalog.expire_import", "import_id"},
    {"catalog.begin_import", "import_id"},
    {"catalog.report_import", "import_id"},
    {"catalog.get_import", "import_id"},
    {"catalog.get_import_part", "import_id"},
    {"catalog.find_imported", "product_id"},
    {"catalog.list_ledger", "product_id"},
    {"catalog.remove_image", "product_id"},
    {"notification.advance_announcement", "announcement_id"},
    {"notification.cancel_announcement", "announcement_id"},
    {"notification.create_announcement", "announcement_id"},
    {"notification.get_announcement", "announcement_id"},
    {"notification.create_missing", "order_id"},
    {"notification.get_preferences", "user_id"},
    {"notification.list_templates", "anywhere"},
    {"notification.preview_template", "anywhere"},
    {"notification.resend", "notification_id"},
    {"notification.set_preferences", "user_id"},
    {"notification.unsubscribe", "notification_id"},
    {"payment.confirm", "order_id"},
    {"payment.reject", "order_id"},
    {"payment.settle_refund", "order_id"},
    {"notification.delete_push_subscription", "user_id"},
    {"notification.delivery_result", "notification_id"},
    {"notification.get", "notification_id"},
    {"notification.list_push_subscriptions", "user_id"},
    {"notification.put_push_subscription", "user_id"},
    {"notification.receive_report", "notification_id"},
    {"notification.retry", "notification_id"},
    {"notification.change_webhook", "webhook_id"},
    {"notification.create_webhook", "webhook_id"},
    {"notification.delete_webhook", "webhook_id"},
    {"notification.find_replayable_webhooks", "webhook_id"},
    {"notification.get_webhook", "webhook_id"},
    {"notification.get_webhook_delivery", "webhook_id"},
    {"notification.list_webhook_deliveries", "webhook_id"},
    {"notification.replay_webhook_delivery", "subject_id"},
    {"notification.rotate_webhook_secret", "webhook_id"},
    {"notification.send_due_webhook", "subject_id"},
    {"notification.set_webhook_status", "webhook_id"},
    {"notification.test_webhook", "webhook_id"},
    {"notification.webhook_result", "subject_id"},
    {"order.get", "order_id"},
    {"payment.get", "payment_id"},
    {"payment.of_order", "order_id"},
    {"payment.retry", "payment_id"},
    {"payment.retry_review", "payment_id"},
    {"user.add_address", "user_id"},
    {"user.annotate", "user_id"},
    {"user.change_password", "user_id"},
    {"user.check_session", "family"},
    {"user.end_session", "family"},
    {"user.get", "user_id"},
    {"user.get_address", "user_id"},
    {"user.get_contact", "user_id"},
    {"user.list_addresses", "user_id"},
    {"user.remove_address", "user_id"},
    {"user.replace_address", "user_id"},
    {"user.rotate_session", "family"},
    {"user.renew_mail_key", "user_id"},
    {"user.set_role", "user_id"},
    {"user.start_session", "user_id"},
    {"user.update", "user_id"},
    {"user.verify", "verification_id"},
    // Create a new aggregate without events, or concern several or none:
    {"cart.create", "anywhere"},
    {"cart.expire", "anywhere"},
    {"cart.list", "anywhere"},
    {"catalog.category_tree", "anywhere"},
    {"catalog.check_media_files", "anywhere"},
    {"catalog.forget_media_file", "anywhere"},
    {"catalog.prepare_image_file", "anywhere"},
    {"catalog.record_thumbnails", "anywhere"},
    {"catalog.create_category", "anywhere"},
    {"catalog.create_product", "anywhere"},
    {"catalog.export_products", "anywhere"},
    {"catalog.export_lines", "anywhere"},
    {"catalog.import_line", "anywhere"},
    {"catalog.find_references", "anywhere"},
    {"catalog.name_products", "anywhere"},
    {"catalog.count_lines", "anywhere"},
    {"catalog.get_engine_batch", "anywhere"},
    {"catalog.get_search_index", "anywhere"},
    {"catalog.report_engine", "anywhere"},
    {"catalog.set_engine", "anywhere"},
    {"catalog.start_reindex", "anywhere"},
    {"catalog.index_all_products", "anywhere"},
    {"catalog.index_products", "anywhere"},
    {"catalog.list_products", "anywhere"},
    {"catalog.list_exports", "anywhere"},
    {"catalog.list_imports", "anywhere"},
    {"catalog.price_items", "anywhere"},
    {"catalog.product_facts", "anywhere"},
    {"order.has_ordered", "anywhere"},
    {"cart.add_code", "cart_id"},
    {"cart.remove_code", "cart_id"},
    {"pricing.create_promotion", "promotion_id"},
    {"pricing.change_promotion", "promotion_id"},
    {"pricing.delete_promotion", "promotion_id"},
    {"pricing.add_codes", "promotion_id"},
    {"pricing.delete_code", "promotion_id"},
    {"pricing.expire_redemption", "order_id"},
    {"pricing.create_tax_rate", "tax_rate_id"},
    {"pricing.replace_tax_rate", "tax_rate_id"},
    {"pricing.delete_tax_rate", "tax_rate_id"},
    {"pricing.create_price_list", "price_list_id"},
    {"pricing.replace_price_list", "price_list_id"},
    {"pricing.delete_price_list", "price_list_id"},
    {"pricing.clear_price_list", "price_list_id"},
    {"pricing.change_prices", "price_list_id"},
    {"pricing.get_price_list", "price_list_id"},
    {"pricing.list_price_lists", "anywhere"},
    {"pricing.list_price_entries", "price_list_id"},
    {"pricing.get_product_prices", "product_id"},
    {"pricing.find_prices", "anywhere"},
    {"pricing.import_price_list", "anywhere"},
    {"pricing.import_prices", "anywhere"},
    {"pricing.export_price_lists", "anywhere"},
    {"pricing.export_prices", "anywhere"},
    {"pricing.list_price_checks", "anywhere"},
    {"pricing.end_price_checks", "anywhere"},
    {"pricing.create_shipping_zone", "shipping_zone_id"},
    {"pricing.replace_shipping_zone", "shipping_zone_id"},
    {"pricing.delete_shipping_zone", "shipping_zone_id"},
    {"pricing.get_promotion", "promotion_id"},
    {"pricing.list_promotions", "anywhere"},
    {"pricing.list_codes", "promotion_id"},
    {"pricing.get_rules", "anywhere"},
    {"pricing.issue_gift_card", "credit_account_id"},
    {"pricing.grant_store_credit", "user_id"},
    {"pricing.change_credit", "credit_account_id"},
    {"pricing.adjust_credit", "credit_account_id"},
    {"pricing.get_credit", "credit_account_id"},
    {"pricing.list_gift_cards", "anywhere"},
    {"pricing.list_credit_entries", "credit_account_id"},
    {"pricing.find_credit", "anywhere"},
    {"pricing.look_up", "anywhere"},
    {"pricing.get_tax_rate", "tax_rate_id"},
    {"pricing.list_tax_rates", "anywhere"},
    {"pricing.get_shipping_zone", "shipping_zone_id"},
    {"pricing.list_shipping_zones", "anywhere"},
    {"kernel.count_dead_letters", "anywhere"},
    {"kernel.dead_letters", "anywhere"},
    {"kernel.discard_dead_letter", "event_id"},
    {"kernel.note_operation", "order_id"},
    {"notification.list", "anywhere"},
    {"notification.list_announcements", "anywhere"},
    {"notification.list_webhooks", "anywhere"},
    {"order.find_checkout", "anywhere"},
    {"order.get_several", "anywhere"},
    {"order.list", "anywhere"},
    {"order.refuse_checkout", "anywhere"},
    {"payment.list", "anywhere"},
    {"payment.ledger_balances", "anywhere"},
    {"payment.of_transaction", "anywhere"},
    {"payment.recorded", "anywhere"},
    {"payment.recorded_payments", "anywhere"},
    {"payment.recorded_refunds", "anywhere"},
    {"payment.of_orders", "anywhere"},
    {"user.find_credentials", "anywhere"},
    {"user.get_several", "anywhere"},
    {"user.list", "anywhere"},
    {"user.register", "anywhere"},
    {"user.request_registration", "anywhere"},
    {"user.revocations", "anywhere"},
};

}  // namespace

BOOST_AUTO_TEST_SUITE(routes)

BOOST_AUTO_TEST_CASE(every_message_has_the_routing_key_released) {
  const auto now = keys();
  for (const auto& [name, key] : now) {
    const auto it = released.find(name);
    BOOST_TEST((it != released.end()), name << ", by " << key << ", is not in the list");
    if (it != released.end()) BOOST_TEST(key == it->second, name << " is routed by " << key);
  }
  for (const auto& [name, key] : released) {
    BOOST_TEST(now.contains(name), name << " is missing");
  }
  BOOST_TEST(table().size() == released.size());
}

BOOST_AUTO_TEST_CASE(the_hash_never_changes) {
  // Computed by another program.
  BOOST_TEST(route_of(uuid{}) == 11952794920332646410u);
  BOOST_TEST(route_of(*uuid::parse("01890a5d-ac96-774b-bcce-b302099a8057")) ==
             15954284936103590725u);
  BOOST_TEST(route_of(*uuid::parse("01890a5d-ac96-774b-bcce-b302099a8058")) ==
             5848890383693781490u);
  BOOST_TEST(route_of(*uuid::parse("ffffffff-ffff-ffff-ffff-ffffffffffff")) ==
             13368117653019416943u);
}

BOOST_AUTO_TEST_CASE(an_event_goes_the_way_of_its_aggregate) {
  const auto order = test::filler::filled<order::place_order>();
  kernel::event e;
  e.aggregate_id = order.order_id.value;
  BOOST_TEST(route_of(e) == table().find("order.place")->route(any_message::of(order)));
}

BOOST_AUTO_TEST_CASE(ids_made_in_one_millisecond_spread_over_the_partitions) {
  constexpr std::size_t count = 20'000;
  std::mt19937_64 random(11);
  for (std::size_t partitions = 2; partitions <= 16; ++partitions) {
    std::vector<std::size_t> of(partitions);
    for (std::size_t i = 0; i < count; ++i) {
      // As generated by system_ids(): the random part increments within a millisecond.
      ++of[route_of(make_uuid_v7(1'700'000'000'000, 5, 1000 + 3 * i + random() % 3)) % partitions];
    }
    const auto [least, most] = std::minmax_element(of.begin(), of.end());
    BOOST_TEST(*least > count / partitions * 85 / 100, partitions << " partitions");
    BOOST_TEST(*most < count / partitions * 115 / 100, partitions << " partitions");
  }
}

BOOST_AUTO_TEST_SUITE_END()
