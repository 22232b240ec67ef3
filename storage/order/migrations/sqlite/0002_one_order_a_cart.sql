-- One state of a cart makes one order, unless that was cancelled: the decision sees to it among the
-- orders that it knows, this among those that two instances place at the same moment.
DROP INDEX orders_cart;
CREATE UNIQUE INDEX orders_cart
  ON orders(cart_id, cart_version, CASE WHEN status = 'Cancelled' THEN order_id ELSE 0 END);
