#pragma once
// How the bus calls things at the broker. Third parties see these names: they are a contract, as
// the AsyncAPI document tells them (net/front/asyncapi.hpp).

#include <cstdint>
#include <string>
#include <string_view>

namespace stoa::nats {

/// The last word of an event's subject: its type without the producing service before it, and one
/// word whatever is left: "placed" for order.placed of order, "stock_reserved" for stock.reserved
/// of catalog.
std::string event_word(std::string_view source, std::string_view type);
/// `<stream>.<service>.<event>`, such as stoa.order.placed.
std::string subject_of(std::string_view stream, std::string_view source, std::string_view type);
/// All events: what the stream keeps.
std::string all_subjects(std::string_view stream);
/// The durable consumer of one type of event for one service: "order_stock_rejected".
std::string consumer_name(std::string_view subscriber, std::string_view type);
/// Where the relay of a partition hears what became of its events. Outside the stream: lost
/// verdicts do no harm, as the event is published again.
std::string verdict_subject(std::string_view stream, std::string_view source,
                            std::int64_t partition);
/// The verdicts for all partitions of a service.
std::string all_verdicts(std::string_view stream, std::string_view source);
/// CloudEvents' source of a service's events: "/stoa/order".
std::string source_uri(std::string_view stream, std::string_view source);

}  // namespace stoa::nats
