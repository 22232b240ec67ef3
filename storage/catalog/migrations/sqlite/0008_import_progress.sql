-- The counted products of an import's file; an earlier version counted them in order.
ALTER TABLE imports ADD COLUMN counted_from INTEGER NOT NULL DEFAULT 0;
ALTER TABLE imports ADD COLUMN counted_mask INTEGER NOT NULL DEFAULT 0;
UPDATE imports SET counted_from=created+updated+unchanged+rejected WHERE is_open=1;
