#pragma once
// The cost class of a query, and the groups of readers that answer queries.

namespace stoa::kernel {

/// A query is cheap by default; its service's definition may set another cost
/// (<service>_definition.cpp). Each cost has separate read actors, so that cheap queries do not
/// wait for expensive ones.
enum class query_cost {
  cheap,     ///< reads by key: its time does not depend on the amount of data
  expensive  ///< searches, filters or lists: its time is limited (queries.time_ms_max)
};

/// A group of read actors. Those for a replica have dedicated threads, so that only they wait for
/// it.
struct reader_group {
  query_cost cost = query_cost::cheap;
  bool replica = false;
};
inline constexpr reader_group reader_groups[] = {{query_cost::cheap, false},
                                                 {query_cost::expensive, false},
                                                 {query_cost::cheap, true},
                                                 {query_cost::expensive, true}};

}  // namespace stoa::kernel
