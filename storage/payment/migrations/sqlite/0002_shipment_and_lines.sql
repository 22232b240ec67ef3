-- capture = 'shipment': captured when the order is shipped. The column is replaced, because SQLite
-- cannot change a CHECK.
ALTER TABLE payments ADD COLUMN capture_at TEXT NOT NULL DEFAULT 'automatic'
  CHECK(capture_at IN ('automatic','shipment','manual'));
UPDATE payments SET capture_at=capture;
ALTER TABLE payments DROP COLUMN capture;
ALTER TABLE payments RENAME COLUMN capture_at TO capture;

-- lines: the refunded lines of the order. shipping_amount: the refunded part of shipping_paid, the
-- order's costs of shipping. restock: the units of the lines return to the stock.
ALTER TABLE payment_refunds ADD COLUMN lines TEXT NOT NULL DEFAULT '[]';
ALTER TABLE payment_refunds ADD COLUMN shipping_amount INTEGER NOT NULL DEFAULT 0
  CHECK(shipping_amount BETWEEN 0 AND amount);
ALTER TABLE payment_refunds ADD COLUMN shipping_paid INTEGER NOT NULL DEFAULT 0;
ALTER TABLE payment_refunds ADD COLUMN restock INTEGER NOT NULL DEFAULT 0
  CHECK(restock IN (0,1));
