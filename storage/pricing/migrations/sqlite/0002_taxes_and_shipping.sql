-- `terms`: as JSON (storage/pricing/tax.hpp, shipping.hpp). `list` is always 0: loads all.
CREATE TABLE tax_rates(
  tax_rate_id BLOB NOT NULL PRIMARY KEY,
  list INTEGER NOT NULL CHECK(list = 0),
  terms TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  version INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX tax_rates_list ON tax_rates(list);

CREATE TABLE shipping_zones(
  shipping_zone_id BLOB NOT NULL PRIMARY KEY,
  list INTEGER NOT NULL CHECK(list = 0),
  terms TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  version INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX shipping_zones_list ON shipping_zones(list);
