-- held_until: goods of a declined checkout stay reserved for the cart until then. merged_into: the
-- cart's lines are in that cart now; the row stays for orders of the cart that are not decided.
-- absorbed: the carts that were merged into this one, as JSON.
ALTER TABLE carts
  ADD COLUMN held_until BIGINT,
  ADD COLUMN merged_into UUID,
  ADD COLUMN absorbed TEXT NOT NULL DEFAULT '[]';
-- Customers' carts expire by the time of their last change.
CREATE INDEX carts_customer_age ON carts(updated_at, cart_id) WHERE user_id IS NOT NULL;
