-- tracked: the stock is counted; otherwise a product can always be bought. backorder: it can be
-- bought beyond the stock. available_min: minimum of on_hand - reserved; NULL for no minimum. It is
-- negative if a product that no longer accepts back-orders still has open ones.
CREATE TABLE inventory_next(
  product_id BLOB NOT NULL PRIMARY KEY REFERENCES products(product_id),
  on_hand INTEGER NOT NULL,
  reserved INTEGER NOT NULL CHECK(reserved >= 0),
  inventory_count INTEGER NOT NULL GENERATED ALWAYS AS (on_hand - reserved) STORED,
  sellable INTEGER NOT NULL CHECK(sellable IN (0,1)),
  version INTEGER NOT NULL,
  tracked INTEGER NOT NULL DEFAULT 1 CHECK(tracked IN (0,1)),
  backorder INTEGER NOT NULL DEFAULT 0 CHECK(backorder IN (0,1)),
  available_min INTEGER DEFAULT 0 CHECK(on_hand - reserved >= available_min)
) WITHOUT ROWID;
INSERT INTO inventory_next(product_id, on_hand, reserved, sellable, version)
  SELECT product_id, on_hand, reserved, sellable, version FROM inventory;
DROP TABLE inventory;
ALTER TABLE inventory_next RENAME TO inventory;

-- Units that stay reserved for a cart after a declined payment. They count as reserved in
-- inventory; the next order of the same cart takes them over.
CREATE TABLE stock_holds(
  cart_id BLOB NOT NULL,
  product_id BLOB NOT NULL,
  order_id BLOB NOT NULL,
  quantity INTEGER NOT NULL CHECK(quantity > 0),
  deadline INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY(cart_id, product_id)
) WITHOUT ROWID;
CREATE INDEX stock_holds_deadline ON stock_holds(deadline);
