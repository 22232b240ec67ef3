-- The client whose Pending orders are counted, by a hash of its address or account. NULL once the
-- order is decided, so that the index holds Pending orders only.
ALTER TABLE orders ADD COLUMN pending_client INTEGER;
CREATE INDEX orders_pending_client ON orders(pending_client) WHERE pending_client IS NOT NULL;
