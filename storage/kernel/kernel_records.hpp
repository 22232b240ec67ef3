#pragma once
// The kernel's own records, in every service's database: outbox, inbox, idempotency, dead letters.

#include "storage/db/records.hpp"

namespace stoa::kernel {

/// A partition: only its owner commits under its epoch.
struct partition_row {
  static constexpr const char* table = "partition";
  static constexpr std::size_t key_columns = 1;
  std::int64_t partition = 0;  ///< 0, 1, ...
  std::string owner;           ///< the node; empty: no owner
  std::int64_t epoch = 0;      ///< fencing token, raised by each new owner
  std::int64_t last_seq = 0;   ///< last number in the partition's outbox
  std::int64_t batches = 0;    ///< commits so far
  std::int64_t beat = 0;       ///< heartbeat: changes while the owner is alive
};
BOOST_DESCRIBE_STRUCT(partition_row, (), (partition, owner, epoch, last_seq, batches, beat))

/// An event that not all subscribers have acknowledged.
struct outbox_row {
  static constexpr const char* table = "outbox";
  static constexpr std::size_t key_columns = 2;
  std::int64_t partition = 0;
  std::int64_t seq = 0;
  stoa::event_id event_id;
  std::string type;
  uuid aggregate_id;
  std::string payload;
  std::string traceparent;
  timestamp created_at;
};
BOOST_DESCRIBE_STRUCT(outbox_row, (),
                      (partition, seq, event_id, type, aggregate_id, payload, traceparent,
                       created_at))

/// An event that this service has applied.
struct inbox_row {
  static constexpr const char* table = "inbox";
  static constexpr std::size_t key_columns = 1;
  stoa::event_id event_id;
  std::string source;  ///< the producing service and partition: "order/0"
  std::int64_t seq = 0;
  timestamp applied_at;
};
BOOST_DESCRIBE_STRUCT(inbox_row, (), (event_id, source, seq, applied_at))

/// The first reply to an idempotent request: JSON of the reply if ok, otherwise of the problem.
struct idempotency_row {
  static constexpr const char* table = "idempotency";
  static constexpr std::size_t key_columns = 1;
  std::string scope;
  std::string fingerprint;
  bool ok = false;
  std::string body;
  timestamp created_at;
};
BOOST_DESCRIBE_STRUCT(idempotency_row, (), (scope, fingerprint, ok, body, created_at))

/// An event that could not be applied, and the last error.
struct dead_letter_row {
  static constexpr const char* table = "dead_letter";
  static constexpr std::size_t key_columns = 1;
  stoa::event_id event_id;
  std::string source;
  std::int64_t seq = 0;
  std::string type;
  uuid aggregate_id;
  std::string payload;
  std::string traceparent;
  std::string error;
  std::int64_t attempts = 0;
  timestamp created_at;
  timestamp failed_at;
};
BOOST_DESCRIBE_STRUCT(dead_letter_row, (),
                      (event_id, source, seq, type, aggregate_id, payload, traceparent, error,
                       attempts, created_at, failed_at))

using kernel_records = db::unit_of_work<outbox_row, inbox_row, idempotency_row, dead_letter_row>;

}  // namespace stoa::kernel
