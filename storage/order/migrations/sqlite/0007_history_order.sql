-- The number of a change in its order: the history's order does not follow from times or ids, which
-- come from the clocks of several nodes. NULL in rows of earlier versions, which come first.
ALTER TABLE order_status_history ADD COLUMN seq INTEGER;
