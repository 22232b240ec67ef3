-- Lines of one product with other properties are separate lines: the key of the table changes, and SQLite can only make
-- the table again. properties: values by name, as JSON with sorted names. note: texts of the customer.
CREATE TABLE cart_items_new(
  cart_item_id BLOB NOT NULL PRIMARY KEY,
  cart_id BLOB NOT NULL REFERENCES carts(cart_id),
  product_id BLOB NOT NULL,
  name TEXT NOT NULL,
  quantity INTEGER NOT NULL CHECK(quantity BETWEEN 1 AND 10000),
  price_when_added INTEGER NOT NULL CHECK(price_when_added >= 0),
  price_when_added_currency TEXT NOT NULL,
  added_at INTEGER NOT NULL,
  note TEXT,
  properties TEXT NOT NULL DEFAULT '{}',
  UNIQUE(cart_id, product_id, properties)
) WITHOUT ROWID;
INSERT INTO cart_items_new(cart_item_id, cart_id, product_id, name, quantity, price_when_added,
                           price_when_added_currency, added_at)
  SELECT cart_item_id, cart_id, product_id, name, quantity, price_when_added,
         price_when_added_currency, added_at FROM cart_items;
DROP TABLE cart_items;
ALTER TABLE cart_items_new RENAME TO cart_items;
-- for_purchase: the cart was made by a purchase in one request.
ALTER TABLE carts ADD COLUMN note TEXT;
ALTER TABLE carts ADD COLUMN for_purchase INTEGER NOT NULL DEFAULT 0 CHECK(for_purchase = 0 OR for_purchase = 1);
