#pragma once
// Reads the records of a store for `stoa check`: in ranges of a few hundred keys, one transaction
// per range, so that neither memory use nor vacuuming depends on the size of the store.

#include "config/settings.hpp"
#include "net/cli/check_books.hpp"
#include "storage/db/database.hpp"

#include <functional>
#include <memory>
#include <unordered_set>

namespace stoa::cli {

/// The store's databases and the sandbox gateway's ledger, opened for reading.
class check_sources {
 public:
  /// Throws db::error when a database cannot be opened or is not up to date.
  explicit check_sources(const settings& s);

  db::connection& of(const std::string& service) const { return *services_.at(service); }
  /// True when several processes may write to the service's database.
  bool is_shared(const std::string& service) const { return shared_.contains(service); }
  bool carts_in_redis() const { return carts_in_redis_; }
  /// Current time in microseconds, by the clock that stamps the service's records: the database's,
  /// or the machine's for a file.
  std::int64_t now(const std::string& service) const;
  /// Null when this machine has no ledger.
  db::connection* ledger() const { return ledger_.get(); }

 private:
  std::map<std::string, std::unique_ptr<db::connection>> services_;
  std::set<std::string> shared_;
  bool carts_in_redis_ = false;
  std::unique_ptr<db::connection> ledger_;
};

using uuid_set = std::unordered_set<uuid>;

/// The smallest and the greatest id.
uuid first_uuid();
uuid last_uuid();
/// The id before this one, so that (before(x), x] is x alone.
uuid before(uuid id);

/// The notifications of each order, in 16 bytes per order.
class mail_index {
 public:
  /// Reads the notifications created at or after that time, for orders up to the last one. Failed
  /// and overdue ones become findings. Returns their number.
  std::int64_t read(db::connection& c, std::int64_t from_us, uuid last_order,
                    const check_times& times, finding_list& out);
  /// The kinds that the order has. Marks the order as known.
  std::set<std::string> kinds_of(const uuid& order);
  /// Adds findings about orders that were never passed to kinds_of(), and about duplicates.
  void add_findings(db::connection& c, finding_list& out) const;

 private:
  struct entry {
    std::uint64_t order = 0;  ///< hash of the id
    std::uint8_t kinds = 0;
    bool is_known = false;
    bool is_doubled = false;
  };
  void add(const uuid& order, std::string_view kind);
  entry* find(const uuid& order);

  std::vector<entry> entries_;  ///< sorted by hash
};

/// The greatest id of an order, and of a payment, in any part of the store.
uuid last_order_id(const check_sources& from);
uuid last_payment_id(const check_sources& from);

/// Ids of the orders with events in an outbox.
uuid_set orders_in_flight(const check_sources& from);

/// Calls the sink for each order id in (after, last] that is stored by the order, payment or
/// catalog service.
void read_order_books(const check_sources& from, uuid after, uuid last, const uuid_set& in_flight,
                      mail_index& mails, const std::function<void(const order_books&)>& sink);
/// The same for payments and the gateway's charges.
void read_payment_books(const check_sources& from, uuid after, uuid last,
                        const std::function<void(const payment_books&)>& sink);
/// Compares each product's stock with its ledger, its reservations and holds. Returns the number of
/// products.
std::int64_t check_stock(db::connection& catalog, finding_list& out);
/// Checks the stock by location of the products in (after, last].
void check_levels(db::connection& catalog, uuid after, uuid last, finding_list& out);
/// Compares the balances of the ledger's accounts with the postings. Returns the number of
/// accounts.
std::int64_t check_ledger(db::connection& payment, finding_list& out);
/// The earlier handles of categories and collections. Returns their number.
std::int64_t check_handles(db::connection& catalog, finding_list& out);
/// The exports as jobs, and the parts of their files. Returns the number of exports.
std::int64_t check_exports(db::connection& catalog, finding_list& out);
/// Compares the uploaded files in use with the media folder. Returns their number.
std::int64_t check_media(const settings& s, db::connection& catalog, check_report& report,
                         finding_list& out);
/// Compares the uses of promotions, codes and customers with the redemptions. Returns the number of
/// promotions.
std::int64_t check_promotions(db::connection& pricing, finding_list& out);
/// The price lists with their prices: bounds, tiers, counts. Returns the number of lists.
std::int64_t check_price_lists(db::connection& pricing, finding_list& out);
/// Prices of products that were deleted before the time.
void check_deleted_prices(db::connection& catalog, db::connection& pricing, timestamp before,
                          finding_list& out);

}  // namespace stoa::cli
