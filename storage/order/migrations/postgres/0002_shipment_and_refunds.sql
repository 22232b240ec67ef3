-- capture_at_shipment: the payment is only authorised; shipping the order captures it first.
-- shipment_requested_at: since when that capture is in progress.
ALTER TABLE orders
  ADD COLUMN capture_at_shipment SMALLINT NOT NULL DEFAULT 0 CHECK(capture_at_shipment IN (0,1)),
  ADD COLUMN shipment_requested_at BIGINT;

-- The sums of the refunds of the line that have succeeded.
ALTER TABLE order_items
  ADD COLUMN refunded_quantity BIGINT NOT NULL DEFAULT 0
    CHECK(refunded_quantity BETWEEN 0 AND quantity),
  ADD COLUMN refunded_amount BIGINT NOT NULL DEFAULT 0 CHECK(refunded_amount >= 0);
