-- tracked: the stock is counted; otherwise a product can always be bought. backorder: it can be
-- bought beyond the stock. available_min: minimum of on_hand - reserved; NULL for no minimum. It is
-- negative if a product that no longer accepts back-orders still has open ones.
ALTER TABLE inventory
  ADD COLUMN tracked SMALLINT NOT NULL DEFAULT 1 CHECK(tracked IN (0,1)),
  ADD COLUMN backorder SMALLINT NOT NULL DEFAULT 0 CHECK(backorder IN (0,1)),
  ADD COLUMN available_min BIGINT DEFAULT 0,
  DROP CONSTRAINT inventory_on_hand_check,
  DROP CONSTRAINT inventory_check,
  ADD CONSTRAINT inventory_reserved_check CHECK(reserved >= 0),
  ADD CONSTRAINT inventory_available_check CHECK(on_hand - reserved >= available_min);

-- Units that stay reserved for a cart after a declined payment. They count as reserved in
-- inventory; the next order of the same cart takes them over.
CREATE TABLE stock_holds(
  cart_id UUID NOT NULL,
  product_id UUID NOT NULL,
  order_id UUID NOT NULL,
  quantity BIGINT NOT NULL CHECK(quantity > 0),
  deadline BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY(cart_id, product_id)
);
CREATE INDEX stock_holds_deadline ON stock_holds(deadline);
