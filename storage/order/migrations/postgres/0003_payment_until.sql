-- A Pending order whose payment is awaited until then, such as a bank transfer; NULL for all others.
-- Its lines have left the cart, which can therefore have another Pending order.
ALTER TABLE orders ADD COLUMN payment_until BIGINT;
CREATE INDEX orders_payment_until ON orders(payment_until) WHERE payment_until IS NOT NULL;
DROP INDEX orders_pending_cart;
CREATE UNIQUE INDEX orders_pending_cart
  ON orders(cart_id) WHERE status = 'Pending' AND payment_until IS NULL;
