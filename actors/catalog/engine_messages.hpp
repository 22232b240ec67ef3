#pragma once
// The messages that keep the index of a search engine up to date (docs/search.md). The node that
// owns the catalogue reads batches of changed products, sends them to the engine, and reports what
// was accepted.

#include "actors/kernel/message.hpp"
#include "storage/base/json.hpp"
#include "storage/catalog/engine_queue.hpp"

namespace stoa::catalog {

/// The queue is counted up to this length.
inline constexpr std::int64_t engine_queue_count_max = 10'000;
/// A batch has at most this many documents, and ends after this many bytes of them.
inline constexpr std::size_t engine_batch_max = 100;
inline constexpr std::size_t engine_batch_bytes = std::size_t{2} << 20;

/// A product that customers see, as the engine indexes it. The texts are words that
/// search_words.hpp has made, separated by spaces.
struct engine_document {
  stoa::product_id product_id;
  std::string name;
  std::string keywords;
  std::string body;
  std::int64_t name_words = 0;
  std::optional<stoa::category_id> category_id;  ///< its own
  std::int64_t price = 0;                        ///< minor units; the lowest of its variants
  bool in_stock = false;
  std::int64_t created_us = 0;
  std::string sort_name;
  // Folded values by which lists are filtered. Those of options and attributes follow the option's
  // folded name or the attribute's key, and a line feed.
  std::vector<std::string> vendor;
  std::vector<std::string> tags;
  std::vector<std::string> options;
  std::vector<std::string> attributes;
  static constexpr std::string_view defaults[] = {"vendor", "tags", "options", "attributes"};
};
BOOST_DESCRIBE_STRUCT(engine_document, (),
                      (product_id, name, keywords, body, name_words, category_id, price, in_stock,
                       created_us, sort_name, vendor, tags, options, attributes))

/// A change, and the product's document; no document: the product leaves the index.
struct engine_change {
  stoa::product_id product_id;
  std::int64_t change = 0;
  std::optional<engine_document> document;
};
BOOST_DESCRIBE_STRUCT(engine_change, (), (product_id, change, document))

/// The next products for the index that is being built.
struct engine_fill {
  std::string index_name;
  bool begun = false;         ///< products were sent before, so the index exists
  bool filled = false;        ///< all products were sent before
  std::int64_t products = 0;  ///< that were sent before
  std::vector<engine_document> documents;
  /// Continue after this product; absent: there are no further products.
  std::optional<stoa::product_id> after;
};
BOOST_DESCRIBE_STRUCT(engine_fill, (), (index_name, begun, filled, products, documents, after))

struct engine_batch {
  /// The version of all documents of the batch. Later changes have higher ones.
  std::int64_t version = 0;
  std::int64_t queued = 0;  ///< counted up to engine_queue_count_max
  std::vector<engine_change> changes;
  std::optional<engine_fill> fill;  ///< absent: no index is being built
};
BOOST_DESCRIBE_STRUCT(engine_batch, (), (version, queued, changes, fill))

/// The next changes, oldest first, and the next products of a build; all from one state of the
/// database.
struct get_engine_batch {
  static constexpr std::string_view name = "catalog.get_engine_batch";
  using reply = engine_batch;
  bool with_changes = true;  ///< false: only the products of a build
};
BOOST_DESCRIBE_STRUCT(get_engine_batch, (), (with_changes))

/// Starts or ends the recording of changes (sent by the sweep). The start queues all products.
struct set_engine {
  static constexpr std::string_view name = "catalog.set_engine";
  using reply = kernel::nothing;
  bool active = false;
};
BOOST_DESCRIBE_STRUCT(set_engine, (), (active))

/// A change that the engine has accepted.
struct accepted_change {
  stoa::product_id product_id;
  std::int64_t change = 0;
};
BOOST_DESCRIBE_STRUCT(accepted_change, (), (product_id, change))

struct build_progress {
  std::string index_name;
  std::optional<stoa::product_id> after;  ///< absent: all products were sent
  std::int64_t products = 0;              ///< that were sent
  std::optional<build_state> outcome;     ///< set at the end
  std::optional<std::string> error;
};
BOOST_DESCRIBE_STRUCT(build_progress, (), (index_name, after, products, outcome, error))

/// What the engine has accepted. Progress of a build that has ended or was replaced is ignored.
struct report_engine {
  static constexpr std::string_view name = "catalog.report_engine";
  using reply = kernel::nothing;
  std::vector<accepted_change> changes;
  std::optional<build_progress> build;
};
BOOST_DESCRIBE_STRUCT(report_engine, (), (changes, build))

/// The effect: bring the index up to date. `queued`: counted up to engine_queue_count_max.
struct update_engine {
  static constexpr std::string_view name = "catalog.update_engine";
  std::int64_t queued = 0;
  bool at_once = false;  ///< do not wait after a failure
};
BOOST_DESCRIBE_STRUCT(update_engine, (), (queued, at_once))

// --- for staff -----------------------------------------------------------------------------------

/// A rebuild of the index.
struct search_build_view {
  static constexpr std::string_view schema_name = "search_index_build";
  std::string index;
  build_state state = build_state::running;
  std::int64_t products = 0;
  std::optional<std::int64_t> products_total;
  std::optional<std::string> error;
  timestamp started_at;
  std::optional<timestamp> finished_at;
};
BOOST_DESCRIBE_STRUCT(search_build_view, (),
                      (index, state, products, products_total, error, started_at, finished_at))

struct search_index_view {
  static constexpr std::string_view schema_name = "search_index";
  std::string engine;
  nullable<std::string> alias;
  std::int64_t queued = 0;
  nullable<search_build_view> build;
};
BOOST_DESCRIBE_STRUCT(search_index_view, (), (engine, alias, queued, build))

struct get_search_index {
  static constexpr std::string_view name = "catalog.get_search_index";
  using reply = search_index_view;
};
BOOST_DESCRIBE_STRUCT(get_search_index, (), ())

/// Builds a new index from all products and switches the alias to it. conflict search_engine_off
/// without an engine, reindex_running unless `restart`, which abandons the running build.
struct start_reindex {
  static constexpr std::string_view name = "catalog.start_reindex";
  using reply = search_build_view;
  bool restart = false;
};
BOOST_DESCRIBE_STRUCT(start_reindex, (), (restart))

}  // namespace stoa::catalog
