-- Amounts are minor units of the order's currency; total_amount is the sum of the preceding four
-- (actors/pricing/quote.hpp). price_parts: the parts of adjustments, shipping and taxes.
CREATE TABLE orders(
  order_id BLOB NOT NULL PRIMARY KEY,
  order_number TEXT NOT NULL,
  user_id BLOB,
  status TEXT NOT NULL CHECK(status IN ('Pending','Confirmed','Shipped','Delivered','Cancelled')),
  currency TEXT NOT NULL,
  subtotal INTEGER NOT NULL CHECK(subtotal >= 0),
  adjustment_total INTEGER NOT NULL,
  shipping_total INTEGER NOT NULL,
  tax_total INTEGER NOT NULL,
  total_amount INTEGER NOT NULL CHECK(total_amount >= 0),
  price_parts TEXT NOT NULL,
  shipping_address TEXT NOT NULL,
  billing_address TEXT NOT NULL,
  email TEXT NOT NULL,
  customer_name TEXT NOT NULL,
  phone TEXT,
  locale TEXT,
  cart_id BLOB NOT NULL,
  cart_version INTEGER NOT NULL,
  cancel_code TEXT,
  -- Hash of the address or account of the client whose Pending orders are counted. NULL once the
  -- order is decided, so that the index contains only Pending orders, except that a declined order
  -- keeps it while its goods are held, to count its client's holds.
  pending_client INTEGER,
  -- The goods of a declined order stay reserved for its cart until then.
  held_until INTEGER,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  version INTEGER NOT NULL,
  email_folded TEXT NOT NULL,  -- as accounts compare addresses
  metadata TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX orders_user ON orders(user_id, order_id) WHERE user_id IS NOT NULL;
CREATE INDEX orders_status ON orders(status, order_id);
CREATE INDEX orders_email ON orders(email_folded, order_id);
CREATE INDEX orders_pending_client ON orders(pending_client) WHERE pending_client IS NOT NULL;
CREATE UNIQUE INDEX orders_number ON orders(order_number);
-- A state of a cart has at most one order that is not cancelled, and a cart at most one Pending
-- order. The decision checks the orders that it has loaded; these indexes reject concurrent orders
-- of two instances.
CREATE UNIQUE INDEX orders_cart
  ON orders(cart_id, cart_version, CASE WHEN status = 'Cancelled' THEN order_id ELSE 0 END);
CREATE UNIQUE INDEX orders_pending_cart ON orders(cart_id) WHERE status = 'Pending';

CREATE TABLE order_items(
  order_item_id BLOB NOT NULL PRIMARY KEY,
  order_id BLOB NOT NULL REFERENCES orders(order_id),
  product_id BLOB NOT NULL,
  product_name TEXT NOT NULL,
  sku TEXT,
  options TEXT NOT NULL,
  quantity INTEGER NOT NULL CHECK(quantity > 0),
  price_at_purchase INTEGER NOT NULL CHECK(price_at_purchase >= 0),
  line_total INTEGER NOT NULL CHECK(line_total >= 0),
  created_at INTEGER NOT NULL,
  cart_item_id BLOB  -- the line of the cart that was bought
) WITHOUT ROWID;
CREATE INDEX order_items_order ON order_items(order_id);

CREATE TABLE order_status_history(
  history_id BLOB NOT NULL PRIMARY KEY,
  order_id BLOB NOT NULL REFERENCES orders(order_id),
  status TEXT NOT NULL,
  changed_at INTEGER NOT NULL,
  actor TEXT NOT NULL,
  reason TEXT,
  -- The number of the change within the order. Times and ids come from the clocks of several nodes
  -- and do not define the order of the history.
  seq INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX order_status_history_order ON order_status_history(order_id);
