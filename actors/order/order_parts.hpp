#pragma once
// Shared by the files of the Order service.

#include "actors/order/order_service.hpp"

namespace stoa::order {

order_view view_of(order_service::decision& d, const order_row& o);
order_summary summary_of(order_service::decision& d, const order_row& o);
/// The order is placed: its stock and payment are pending.
void emit_placed(order_service::decision& d, const order_row& o, stoa::instrument_id instrument);

/// Changes the status and adds to the history; the caller has checked may_become(). Without an
/// actor it is the caller of the message.
void move_to(order_service::decision& d, order_row& o, order_status to,
             std::optional<std::string> reason, std::optional<std::string> actor = std::nullopt);

/// With `held_until` the goods are held for the cart.
void cancel(order_service::decision& d, const order_row& found, const std::string& code,
            const std::string& reason, std::optional<timestamp> held_until = std::nullopt,
            std::optional<std::string> failure_code = std::nullopt);

/// The event of the shipment that the order's last change of the history has requested.
order_shipment_requested shipment_of(order_service::decision& d, const order_row& o);

/// Asks the Pricing service to reserve what the order redeems.
void request_redemptions(order_service::decision& d, const order_row& o);
/// Tells the Pricing service the outcome of an order that redeems promotions. Emitted before the
/// order's own event, so that a wait for that event includes it.
void confirm_redemptions(order_service::decision& d, const order_row& o);
void release_redemptions(order_service::decision& d, const order_row& o);

/// Whether the goods of the declined order are still held for its cart.
bool is_held(const order_row& o, timestamp now);

}  // namespace stoa::order
