#pragma once
// Reads the books of a store for `stoa check`: by ranges of keys, a few hundred rows at a time, and
// without a transaction over more than one range, so that neither memory nor a database's clean-up
// depends on the size of the store.

#include "config/settings.hpp"
#include "net/cli/check_books.hpp"
#include "storage/db/database.hpp"

#include <functional>
#include <memory>
#include <unordered_set>

namespace stoa::cli {

/// The databases of the store and the sandbox gateway's records, opened for reading.
class check_sources {
 public:
  /// Throws db::error when a database cannot be opened or is not up to date.
  explicit check_sources(const settings& s);

  db::connection& of(const std::string& service) const { return *services_.at(service); }
  /// Several processes may write to the service's database.
  bool is_shared(const std::string& service) const { return shared_.contains(service); }
  bool carts_in_redis() const { return carts_in_redis_; }
  /// The time that the service's records have, in microseconds: by the clock of its database, or of
  /// the machine for a file.
  std::int64_t now(const std::string& service) const;
  /// Null when the gateway's records are not here.
  db::connection* ledger() const { return ledger_.get(); }

 private:
  std::map<std::string, std::unique_ptr<db::connection>> services_;
  std::set<std::string> shared_;
  bool carts_in_redis_ = false;
  std::unique_ptr<db::connection> ledger_;
};

using uuid_set = std::unordered_set<uuid>;

/// The least and the greatest of all ids.
uuid first_uuid();
uuid last_uuid();
/// The id before this one, so that (before(x), x] is x alone.
uuid before(uuid id);

/// Which orders have which notifications, in 16 bytes an order.
class mail_index {
 public:
  /// Reads the notifications made at that time or later, of orders up to the last one. Those that
  /// failed or are overdue become findings. Returns how many there are.
  std::int64_t read(db::connection& c, std::int64_t from_us, uuid last_order,
                    const check_times& times, finding_list& out);
  /// The kinds that the order has; the order is known from now on.
  std::set<std::string> kinds_of(const uuid& order);
  /// Adds the findings about orders that kinds_of() was not asked for, and about repeated mails.
  void add_findings(db::connection& c, finding_list& out) const;

 private:
  struct entry {
    std::uint64_t order = 0;  ///< hash of the id
    std::uint8_t kinds = 0;
    bool is_known = false;
    bool is_doubled = false;
  };
  entry* find(const uuid& order);

  std::vector<entry> entries_;  ///< in the order of the hashes
};

/// The greatest id of an order, and of a payment, that any part of the store knows.
uuid last_order_id(const check_sources& from);
uuid last_payment_id(const check_sources& from);

/// Ids of the orders that have events in an outbox.
uuid_set orders_in_flight(const check_sources& from);

/// Calls the sink for each order id in (after, last] that the order, payment or catalog service
/// knows.
void read_order_books(const check_sources& from, uuid after, uuid last, const uuid_set& in_flight,
                      mail_index& mails, const std::function<void(const order_books&)>& sink);
/// The same for payments and the gateway's charges.
void read_payment_books(const check_sources& from, uuid after, uuid last,
                        const std::function<void(const payment_books&)>& sink);
/// Compares each product's stock with its ledger, its reservations and holds. Returns how many
/// products there are.
std::int64_t check_stock(db::connection& catalog, finding_list& out);

}  // namespace stoa::cli
