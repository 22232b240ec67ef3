-- Notes of the customer on the order and its items, and the properties of the items, as JSON; NULL: none.
ALTER TABLE orders ADD COLUMN note TEXT;
ALTER TABLE order_items ADD COLUMN note TEXT;
ALTER TABLE order_items ADD COLUMN properties TEXT;
