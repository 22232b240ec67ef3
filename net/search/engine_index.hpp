#pragma once
// The index at the engine: its mapping, its names, and the documents that are sent. Pure functions.
//
// The store searches and writes through the alias `search.index`. An index that is being built has
// the alias `<search.index>-building` until the first one is switched to it. All writes require an
// alias, because the engine would create a missing index with a guessed mapping.

#include "actors/catalog/engine_messages.hpp"
#include "storage/base/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace stoa::search {

/// Of the mapping; an index with another version is rebuilt by `stoa search reindex`.
inline constexpr std::int64_t mapping_version = 2;

std::string building_alias(std::string_view alias);
/// Whether the name is that of an index which a rebuild for this alias has created.
bool is_own_index(std::string_view name, std::string_view alias);

/// The body that creates an index with the mapping and the building alias.
std::string index_body(std::string_view alias);
/// The body of `POST /_aliases`, which changes all at once: the alias leaves the old indexes, and
/// the index that was built gets it and loses the building alias.
std::string switch_body(std::string_view alias, std::string_view index,
                        const std::vector<std::string>& old);

/// The indexes that have the alias, from a response to `GET /_alias/<alias>`, and those with other
/// names from `GET /<pattern>`. Problem `unavailable`: malformed.
result<std::vector<std::string>> read_index_names(std::string_view body);
/// The version of the mapping, from a response to `GET /<index>/_mapping`; 0: none.
result<std::int64_t> read_mapping_version(std::string_view body);

// --- documents -----------------------------------------------------------------------------------

/// Appends the lines that index or delete a document in the alias' index. A document of a lower
/// version than the stored one is ignored by the engine.
void append_document(std::string& body, std::string_view alias, const catalog::engine_document& d,
                     std::int64_t version);
void append_removal(std::string& body, std::string_view alias, stoa::product_id id,
                    std::int64_t version);

enum class bulk_outcome {
  accepted,  ///< stored, or the index has this or a later version
  later,     ///< the engine is overloaded
  no_index,  ///< the alias does not exist
  rejected,  ///< a retry would be rejected, too
};
struct bulk_item {
  bulk_outcome outcome = bulk_outcome::accepted;
  std::string reason;  ///< unless accepted
};

/// Maximum bytes of a response that read_bulk() accepts.
inline constexpr std::size_t bulk_bytes_max = 4 << 20;

/// The outcomes of a bulk request's `count` actions, in order. Problem `unavailable`: malformed.
result<std::vector<bulk_item>> read_bulk(std::string_view body, std::size_t count);

/// "type: reason" of an error response, printable and short; empty if there is none.
std::string reason_of(std::string_view body);

}  // namespace stoa::search
