-- Lines of one product with other properties are separate lines. properties: values by name, as JSON with sorted names;
-- hashed in the index, because they may be longer than its rows. note: texts of the customer.
ALTER TABLE cart_items
  ADD COLUMN note TEXT,
  ADD COLUMN properties TEXT NOT NULL DEFAULT '{}';
ALTER TABLE cart_items DROP CONSTRAINT cart_items_cart_id_product_id_key;
CREATE UNIQUE INDEX cart_items_line ON cart_items(cart_id, product_id, md5(properties));
-- for_purchase: the cart was made by a purchase in one request.
ALTER TABLE carts
  ADD COLUMN note TEXT,
  ADD COLUMN for_purchase SMALLINT NOT NULL DEFAULT 0 CHECK(for_purchase IN (0,1));
