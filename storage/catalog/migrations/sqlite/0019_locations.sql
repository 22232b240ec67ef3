-- Places that have stock: warehouses and shops. The default one exists from the beginning.
CREATE TABLE locations(
  location_id BLOB NOT NULL PRIMARY KEY,
  list INTEGER NOT NULL DEFAULT 0 CHECK(list = 0),
  name TEXT NOT NULL,
  code TEXT UNIQUE,
  address TEXT,
  priority INTEGER NOT NULL,
  countries TEXT NOT NULL,
  active INTEGER NOT NULL CHECK(active = 0 OR active = 1),
  pickup INTEGER NOT NULL CHECK(pickup = 0 OR pickup = 1),
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  version INTEGER NOT NULL,
  CHECK(active = 1 OR location_id <> x'01900000000070008000000000000001')
) WITHOUT ROWID;
CREATE INDEX locations_list ON locations(list);
-- The times are that of the id.
INSERT INTO locations(location_id, name, priority, countries, active, pickup, created_at,
                      updated_at, version)
  VALUES(x'01900000000070008000000000000001', 'Default location', 0, '[]', 1, 0,
         1717986918400000, 1717986918400000, 1);

-- The units of a product at a location other than the default one, which has the rest of those in
-- inventory. located: whether a product has rows here, so that other products cost no query.
CREATE TABLE stock_levels(
  product_id BLOB NOT NULL REFERENCES inventory(product_id),
  location_id BLOB NOT NULL REFERENCES locations(location_id),
  on_hand INTEGER NOT NULL CHECK(on_hand > 0),
  reserved INTEGER NOT NULL CHECK(reserved >= 0 AND reserved <= on_hand),
  version INTEGER NOT NULL,
  PRIMARY KEY(product_id, location_id),
  CHECK(location_id <> x'01900000000070008000000000000001')
) WITHOUT ROWID;
CREATE INDEX stock_levels_location ON stock_levels(location_id);
ALTER TABLE inventory ADD COLUMN located INTEGER NOT NULL DEFAULT 0
  CHECK(located = 0 OR located = 1);

-- Whether units are at the location.
CREATE VIEW location_use AS
  SELECT l.location_id AS location_id,
         EXISTS(SELECT 1 FROM stock_levels s WHERE s.location_id = l.location_id) AS has_stock
  FROM locations l;

-- The locations from which the units are; the others are from the default one.
ALTER TABLE reservations ADD COLUMN allocations TEXT NOT NULL DEFAULT '[]';
ALTER TABLE stock_holds ADD COLUMN allocations TEXT NOT NULL DEFAULT '[]';
-- NULL: the default location.
ALTER TABLE stock_ledger ADD COLUMN location_id BLOB;
