-- Goods of a declined order stay reserved for its cart until then. Such an order keeps its
-- pending_client, by which its client's holds are counted; the next order of the cart, or of the
-- client, clears it.
ALTER TABLE orders ADD COLUMN held_until INTEGER;
