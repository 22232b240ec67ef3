-- `terms`: as JSON (storage/pricing/tax.hpp, shipping.hpp). `list` is always 0: loads all.
CREATE TABLE tax_rates(
  tax_rate_id UUID NOT NULL PRIMARY KEY,
  list BIGINT NOT NULL CHECK(list = 0),
  terms TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  version BIGINT NOT NULL
);
CREATE INDEX tax_rates_list ON tax_rates(list);

CREATE TABLE shipping_zones(
  shipping_zone_id UUID NOT NULL PRIMARY KEY,
  list BIGINT NOT NULL CHECK(list = 0),
  terms TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  version BIGINT NOT NULL
);
CREATE INDEX shipping_zones_list ON shipping_zones(list);
