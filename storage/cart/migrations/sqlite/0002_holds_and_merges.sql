-- held_until: the goods of a declined checkout stay reserved for the cart until then. merged_into:
-- the cart was merged into that cart; the row is kept for pending orders of the cart. absorbed: the
-- carts that were merged into this one, as JSON.
ALTER TABLE carts ADD COLUMN held_until INTEGER;
ALTER TABLE carts ADD COLUMN merged_into BLOB;
ALTER TABLE carts ADD COLUMN absorbed TEXT NOT NULL DEFAULT '[]';
-- Customers' carts expire by their last change.
CREATE INDEX carts_customer_age ON carts(updated_at) WHERE user_id IS NOT NULL;
