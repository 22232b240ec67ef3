-- user_id is NULL for a guest's cart. revision is the version in the API and counts each change.
-- version counts saves, which may contain several changes, for optimistic locking. The fillfactor
-- leaves room for frequent updates.
CREATE TABLE carts(
  cart_id UUID NOT NULL PRIMARY KEY,
  user_id UUID,
  revision BIGINT NOT NULL CHECK(revision > 0),
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  version BIGINT NOT NULL
) WITH (fillfactor = 70);
CREATE INDEX carts_user ON carts(user_id) WHERE user_id IS NOT NULL;
CREATE INDEX carts_expiry ON carts(expires_at, cart_id) WHERE user_id IS NULL;

CREATE TABLE cart_items(
  cart_item_id UUID NOT NULL PRIMARY KEY,
  cart_id UUID NOT NULL REFERENCES carts(cart_id),
  product_id UUID NOT NULL,
  name TEXT NOT NULL,
  quantity BIGINT NOT NULL CHECK(quantity BETWEEN 1 AND 10000),
  price_when_added BIGINT NOT NULL CHECK(price_when_added >= 0),
  price_when_added_currency TEXT NOT NULL,
  added_at BIGINT NOT NULL,
  UNIQUE(cart_id, product_id)
) WITH (fillfactor = 80);
