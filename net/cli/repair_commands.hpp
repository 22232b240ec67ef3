#pragma once
// `stoa order redrive` and `stoa dead-letters`: through the API of a running server.

#include "net/cli/server_options.hpp"

#include <cstdint>
#include <string>

namespace stoa::cli {

struct redrive_options {
  server_options server{.url = "http://127.0.0.1:8080"};
  std::string order;  ///< its id or number
  bool all_stuck = false;
  std::int64_t older_than_s = 600;  ///< with all_stuck: Pending for longer
  std::string reason;
};
/// Returns exit_partly when an order could not be advanced, exit_usage unless exactly one of an
/// order and `all_stuck` is given.
int run_order_redrive(const redrive_options& o);

enum class letters_action { list, replay, discard };

struct dead_letter_options {
  server_options server{.url = "http://127.0.0.1:8080"};
  std::string service;
  std::string event_id;
  std::string type;
  std::string error;
  std::string mentions;       ///< an id in the event
  std::string failed_before;  ///< RFC 3339
  std::string reason;         ///< for a discard
  bool json = false;          ///< for a list: print the server's responses, one per line
};
/// Returns exit_partly when some letters could not be applied or discarded, exit_usage for a
/// discard without a filter.
int run_dead_letters(letters_action action, const dead_letter_options& o);

}  // namespace stoa::cli
