-- Renames lanes to partitions. Each statement changes only the system catalogue. Nodes of the
-- previous version cannot use these tables any more.
ALTER TABLE lane RENAME TO partition;
ALTER TABLE partition RENAME COLUMN lane TO partition;
ALTER TABLE outbox RENAME COLUMN lane TO partition;
