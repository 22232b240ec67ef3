-- Renames lanes to partitions.
ALTER TABLE lane RENAME TO partition;
ALTER TABLE partition RENAME COLUMN lane TO partition;
ALTER TABLE outbox RENAME COLUMN lane TO partition;
