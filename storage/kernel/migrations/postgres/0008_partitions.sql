-- What was called a lane is a partition. Each statement changes the catalogue only. Nodes of the version before
-- cannot use these tables any more.
ALTER TABLE lane RENAME TO partition;
ALTER TABLE partition RENAME COLUMN lane TO partition;
ALTER TABLE outbox RENAME COLUMN lane TO partition;
