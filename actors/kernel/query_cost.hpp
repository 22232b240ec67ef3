#pragma once
// How long a query may keep the reader that answers it.

namespace stoa::kernel {

/// A query is cheap unless its service's definition says otherwise (<service>_definition.cpp). Each
/// cost has read actors of its own, so that cheap queries never wait for expensive ones.
enum class query_cost {
  cheap,     ///< asks by keys: its time does not depend on how much is stored
  expensive  ///< searches, filters or lists: its time is bounded (queries.time_ms_max)
};

}  // namespace stoa::kernel
