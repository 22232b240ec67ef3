-- Which line of the cart was bought, and the cart of a Pending order: it has one at most. The
-- decision sees to it among the orders that it knows, the index among those that two instances place
-- at the same moment. Orders of earlier versions have neither.
ALTER TABLE order_items ADD COLUMN cart_item_id BLOB;
ALTER TABLE orders ADD COLUMN pending_cart_id BLOB;
CREATE UNIQUE INDEX orders_pending_cart ON orders(pending_cart_id)
  WHERE status = 'Pending' AND pending_cart_id IS NOT NULL;
