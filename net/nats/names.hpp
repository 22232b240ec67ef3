#pragma once
// Names of the bus's objects at the broker. Third parties use them: they are a contract, described
// by the AsyncAPI document (net/front/asyncapi.hpp).

#include <cstdint>
#include <string>
#include <string_view>

namespace stoa::nats {

/// The last token of an event's subject: the type without the producing service, with dots
/// replaced: "placed" for order.placed of order, "stock_reserved" for stock.reserved of catalog.
std::string event_word(std::string_view source, std::string_view type);
/// `<stream>.<service>.<event>`, for example stoa.order.placed.
std::string subject_of(std::string_view stream, std::string_view source, std::string_view type);
/// Wildcard for all events; the stream's subject.
std::string all_subjects(std::string_view stream);
/// The durable consumer of one event type for one service: "order_stock_rejected".
std::string consumer_name(std::string_view subscriber, std::string_view type);
/// Subject of the verdicts for a partition's relay. Outside the stream: a lost verdict is harmless,
/// because the event is published again.
std::string verdict_subject(std::string_view stream, std::string_view source,
                            std::int64_t partition);
/// The verdicts for all partitions of a service.
std::string all_verdicts(std::string_view stream, std::string_view source);
/// The CloudEvents source of a service's events: "/stoa/order".
std::string source_uri(std::string_view stream, std::string_view source);

}  // namespace stoa::nats
