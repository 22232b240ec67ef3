-- `terms`: as JSON (storage/pricing/price_list.hpp). `list` is always 0: loads all. `entries`: the number of its
-- prices. `deleted`: the sweep removes its prices, then the row.
CREATE TABLE price_lists(
  price_list_id BLOB NOT NULL PRIMARY KEY,
  list INTEGER NOT NULL CHECK(list = 0),
  terms TEXT NOT NULL,
  entries INTEGER NOT NULL CHECK(entries >= 0),
  deleted INTEGER NOT NULL CHECK(deleted IN (0,1)),
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  version INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX price_lists_list ON price_lists(list);

-- Amounts are minor units of the list's currency. `tiers`: prices from a number of units on, as JSON.
CREATE TABLE price_entries(
  price_list_id BLOB NOT NULL,
  product_id BLOB NOT NULL,
  amount INTEGER NOT NULL CHECK(amount >= 0),
  compare_at INTEGER CHECK(compare_at >= 0),
  tiers TEXT NOT NULL,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY(price_list_id, product_id)
) WITHOUT ROWID;
CREATE INDEX price_entries_product ON price_entries(product_id);
