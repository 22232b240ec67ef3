-- `terms`: as JSON (storage/pricing/price_list.hpp). `list` is always 0: loads all. `entries`: the number of its
-- prices. `deleted`: the sweep removes its prices, then the row.
CREATE TABLE price_lists(
  price_list_id UUID NOT NULL PRIMARY KEY,
  list BIGINT NOT NULL CHECK(list = 0),
  terms TEXT NOT NULL,
  entries BIGINT NOT NULL CHECK(entries >= 0),
  deleted SMALLINT NOT NULL CHECK(deleted IN (0,1)),
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  version BIGINT NOT NULL
);
CREATE INDEX price_lists_list ON price_lists(list);

-- Amounts are minor units of the list's currency. `tiers`: prices from a number of units on, as JSON.
CREATE TABLE price_entries(
  price_list_id UUID NOT NULL,
  product_id UUID NOT NULL,
  amount BIGINT NOT NULL CHECK(amount >= 0),
  compare_at BIGINT CHECK(compare_at >= 0),
  tiers TEXT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY(price_list_id, product_id)
);
CREATE INDEX price_entries_product ON price_entries(product_id);
