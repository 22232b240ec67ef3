-- capture = 'shipment': captured when the order is shipped.
ALTER TABLE payments DROP CONSTRAINT payments_capture_check;
ALTER TABLE payments ADD CONSTRAINT payments_capture_check
  CHECK(capture IN ('automatic','shipment','manual'));

-- lines: the refunded lines of the order. shipping_amount: the refunded part of shipping_paid, the
-- order's costs of shipping. restock: the units of the lines return to the stock.
ALTER TABLE payment_refunds
  ADD COLUMN lines TEXT NOT NULL DEFAULT '[]',
  ADD COLUMN shipping_amount BIGINT NOT NULL DEFAULT 0
    CHECK(shipping_amount BETWEEN 0 AND amount),
  ADD COLUMN shipping_paid BIGINT NOT NULL DEFAULT 0,
  ADD COLUMN restock SMALLINT NOT NULL DEFAULT 0 CHECK(restock IN (0,1));
