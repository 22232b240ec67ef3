#pragma once
// How long a query may keep the reader that answers it, and where that reader asks.

namespace stoa::kernel {

/// A query is cheap unless its service's definition says otherwise (<service>_definition.cpp). Each
/// cost has read actors of its own, so that cheap queries never wait for expensive ones.
enum class query_cost {
  cheap,     ///< asks by keys: its time does not depend on how much is stored
  expensive  ///< searches, filters or lists: its time is bounded (queries.time_ms_max)
};

/// Read actors that answer the same queries. Those that ask a replica have threads of their own,
/// so that nothing else waits for it.
struct reader_group {
  query_cost cost = query_cost::cheap;
  bool replica = false;
};
inline constexpr reader_group reader_groups[] = {{query_cost::cheap, false},
                                                 {query_cost::expensive, false},
                                                 {query_cost::cheap, true},
                                                 {query_cost::expensive, true}};

}  // namespace stoa::kernel
