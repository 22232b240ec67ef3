-- Places that have stock: warehouses and shops. The default one exists from the beginning.
CREATE TABLE locations(
  location_id UUID NOT NULL PRIMARY KEY,
  list BIGINT NOT NULL DEFAULT 0 CHECK(list = 0),
  name TEXT COLLATE "C" NOT NULL,
  code TEXT COLLATE "C" UNIQUE,
  address TEXT,
  priority BIGINT NOT NULL,
  countries TEXT NOT NULL,
  active SMALLINT NOT NULL CHECK(active IN (0,1)),
  pickup SMALLINT NOT NULL CHECK(pickup IN (0,1)),
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  version BIGINT NOT NULL,
  CHECK(active = 1 OR location_id <> '01900000-0000-7000-8000-000000000001')
);
CREATE INDEX locations_list ON locations(list);
-- The times are that of the id.
INSERT INTO locations(location_id, name, priority, countries, active, pickup, created_at,
                      updated_at, version)
  VALUES('01900000-0000-7000-8000-000000000001', 'Default location', 0, '[]', 1, 0,
         1717986918400000, 1717986918400000, 1);

-- The units of a product at a location other than the default one, which has the rest of those in
-- inventory. located: whether a product has rows here, so that other products cost no query.
CREATE TABLE stock_levels(
  product_id UUID NOT NULL REFERENCES inventory(product_id),
  location_id UUID NOT NULL REFERENCES locations(location_id),
  on_hand BIGINT NOT NULL CHECK(on_hand > 0),
  reserved BIGINT NOT NULL CHECK(reserved >= 0 AND reserved <= on_hand),
  version BIGINT NOT NULL,
  PRIMARY KEY(product_id, location_id),
  CHECK(location_id <> '01900000-0000-7000-8000-000000000001')
) WITH (fillfactor = 40);
CREATE INDEX stock_levels_location ON stock_levels(location_id);
ALTER TABLE inventory ADD COLUMN located SMALLINT NOT NULL DEFAULT 0 CHECK(located IN (0,1));

-- Whether units are at the location.
CREATE VIEW location_use AS
  SELECT l.location_id AS location_id,
         CASE WHEN EXISTS(SELECT 1 FROM stock_levels s WHERE s.location_id = l.location_id)
              THEN 1 ELSE 0 END AS has_stock
  FROM locations l;

-- The locations from which the units are; the others are from the default one.
ALTER TABLE reservations ADD COLUMN allocations TEXT NOT NULL DEFAULT '[]';
ALTER TABLE stock_holds ADD COLUMN allocations TEXT NOT NULL DEFAULT '[]';
-- NULL: the default location.
ALTER TABLE stock_ledger ADD COLUMN location_id UUID;
