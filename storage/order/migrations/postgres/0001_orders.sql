CREATE TABLE orders(
  order_id UUID NOT NULL PRIMARY KEY,
  user_id UUID,
  status TEXT COLLATE "C" NOT NULL
    CHECK(status IN ('Pending','Confirmed','Shipped','Delivered','Cancelled')),
  total_amount BIGINT NOT NULL CHECK(total_amount >= 0),
  total_amount_currency TEXT NOT NULL,
  shipping_address TEXT NOT NULL,
  billing_address TEXT NOT NULL,
  email TEXT NOT NULL,
  customer_name TEXT NOT NULL,
  cart_id UUID NOT NULL,
  cart_version BIGINT NOT NULL,
  cancel_code TEXT,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  version BIGINT NOT NULL
) WITH (fillfactor = 80);
CREATE INDEX orders_user ON orders(user_id, order_id) WHERE user_id IS NOT NULL;
CREATE INDEX orders_status ON orders(status, order_id);
-- One state of a cart makes one order, unless that was cancelled: the decision sees to it among the
-- orders that it knows, this among those that two instances place at the same moment.
CREATE UNIQUE INDEX orders_cart ON orders(cart_id, cart_version,
  (CASE WHEN status = 'Cancelled' THEN order_id
        ELSE '00000000-0000-0000-0000-000000000000'::UUID END));

CREATE TABLE order_items(
  order_item_id UUID NOT NULL PRIMARY KEY,
  order_id UUID NOT NULL REFERENCES orders(order_id),
  product_id UUID NOT NULL,
  product_name TEXT NOT NULL,
  quantity BIGINT NOT NULL CHECK(quantity > 0),
  price_at_purchase BIGINT NOT NULL CHECK(price_at_purchase >= 0),
  price_at_purchase_currency TEXT NOT NULL,
  created_at BIGINT NOT NULL
);
CREATE INDEX order_items_order ON order_items(order_id);

CREATE TABLE order_status_history(
  history_id UUID NOT NULL PRIMARY KEY,
  order_id UUID NOT NULL REFERENCES orders(order_id),
  status TEXT NOT NULL,
  changed_at BIGINT NOT NULL,
  actor TEXT NOT NULL,
  reason TEXT
);
CREATE INDEX order_status_history_order ON order_status_history(order_id);
