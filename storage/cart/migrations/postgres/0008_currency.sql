-- The currency of the cart's prices; NULL: that of the store.
ALTER TABLE carts ADD COLUMN currency TEXT COLLATE "C";
