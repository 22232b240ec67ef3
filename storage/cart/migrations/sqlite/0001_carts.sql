-- user_id is NULL for a guest's cart. revision is the version in the API and counts each change.
-- version counts saves, which may contain several changes, for optimistic locking.
CREATE TABLE carts(
  cart_id BLOB NOT NULL PRIMARY KEY,
  user_id BLOB,
  revision INTEGER NOT NULL CHECK(revision > 0),
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  version INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX carts_user ON carts(user_id) WHERE user_id IS NOT NULL;
CREATE INDEX carts_expiry ON carts(expires_at) WHERE user_id IS NULL;

CREATE TABLE cart_items(
  cart_item_id BLOB NOT NULL PRIMARY KEY,
  cart_id BLOB NOT NULL REFERENCES carts(cart_id),
  product_id BLOB NOT NULL,
  name TEXT NOT NULL,
  quantity INTEGER NOT NULL CHECK(quantity BETWEEN 1 AND 10000),
  price_when_added INTEGER NOT NULL CHECK(price_when_added >= 0),
  price_when_added_currency TEXT NOT NULL,
  added_at INTEGER NOT NULL,
  UNIQUE(cart_id, product_id)
) WITHOUT ROWID;
