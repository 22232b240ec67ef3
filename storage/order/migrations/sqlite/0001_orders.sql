CREATE TABLE orders(
  order_id BLOB NOT NULL PRIMARY KEY,
  user_id BLOB,
  status TEXT NOT NULL CHECK(status IN ('Pending','Confirmed','Shipped','Delivered','Cancelled')),
  total_amount INTEGER NOT NULL CHECK(total_amount >= 0),
  total_amount_currency TEXT NOT NULL,
  shipping_address TEXT NOT NULL,
  billing_address TEXT NOT NULL,
  email TEXT NOT NULL,
  customer_name TEXT NOT NULL,
  cart_id BLOB NOT NULL,
  cart_version INTEGER NOT NULL,
  cancel_code TEXT,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  version INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX orders_user ON orders(user_id, order_id) WHERE user_id IS NOT NULL;
CREATE INDEX orders_cart ON orders(cart_id);
CREATE INDEX orders_status ON orders(status, order_id);

CREATE TABLE order_items(
  order_item_id BLOB NOT NULL PRIMARY KEY,
  order_id BLOB NOT NULL REFERENCES orders(order_id),
  product_id BLOB NOT NULL,
  product_name TEXT NOT NULL,
  quantity INTEGER NOT NULL CHECK(quantity > 0),
  price_at_purchase INTEGER NOT NULL CHECK(price_at_purchase >= 0),
  price_at_purchase_currency TEXT NOT NULL,
  created_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX order_items_order ON order_items(order_id);

CREATE TABLE order_status_history(
  history_id BLOB NOT NULL PRIMARY KEY,
  order_id BLOB NOT NULL REFERENCES orders(order_id),
  status TEXT NOT NULL,
  changed_at INTEGER NOT NULL,
  actor TEXT NOT NULL,
  reason TEXT
) WITHOUT ROWID;
CREATE INDEX order_status_history_order ON order_status_history(order_id);
