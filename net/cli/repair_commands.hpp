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
  std::int64_t older_than_s = 600;  ///< of all_stuck: Pending for longer
  std::string reason;
};
/// exit_partly when an order could not be moved, exit_usage for neither or both of an order and
/// `all_stuck`.
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
  std::string reason;         ///< of a discard
  bool json = false;          ///< of a list: the server's answers, one a line
};
/// exit_partly when some letters could not be applied or given up, exit_usage for a discard that
/// does not say of which.
int run_dead_letters(letters_action action, const dead_letter_options& o);

}  // namespace stoa::cli
