-- capture_at_shipment: the payment is only authorised; shipping the order captures it first.
-- shipment_requested_at: since when that capture is in progress.
ALTER TABLE orders ADD COLUMN capture_at_shipment INTEGER NOT NULL DEFAULT 0
  CHECK(capture_at_shipment IN (0,1));
ALTER TABLE orders ADD COLUMN shipment_requested_at INTEGER;

-- The sums of the refunds of the line that have succeeded.
ALTER TABLE order_items ADD COLUMN refunded_quantity INTEGER NOT NULL DEFAULT 0
  CHECK(refunded_quantity BETWEEN 0 AND quantity);
ALTER TABLE order_items ADD COLUMN refunded_amount INTEGER NOT NULL DEFAULT 0
  CHECK(refunded_amount >= 0);
