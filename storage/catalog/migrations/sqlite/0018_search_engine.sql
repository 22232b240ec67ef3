-- The index of a search engine (docs/search.md). While there is a row with active = 1, every change
-- of a product that lists show is queued in the commit that makes it; a variant's change queues its
-- product. Most purchases change no product: in_stock changes only when a product sells out or is
-- in stock again.
--
-- last_change is the version of the documents: the time in microseconds, in whole seconds, or one more
-- than the last version. So it also grows when a restored database has lost changes.
CREATE TABLE engine_clock(
  slot INTEGER PRIMARY KEY CHECK(slot = 1),
  active INTEGER NOT NULL CHECK(active = 0 OR active = 1),
  last_change INTEGER NOT NULL
);

-- The products whose documents are outdated, with their last change.
CREATE TABLE engine_queue(
  product_id BLOB NOT NULL PRIMARY KEY,
  change INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX engine_queue_change ON engine_queue(change);

CREATE TRIGGER products_engine_insert AFTER INSERT ON products
  WHEN (SELECT active FROM engine_clock WHERE slot = 1) = 1 BEGIN
  UPDATE engine_clock SET last_change =
    max(last_change + 1, CAST(strftime('%s', 'now') AS INTEGER) * 1000000) WHERE slot = 1;
  INSERT INTO engine_queue(product_id, change)
    SELECT coalesce(new.parent_product_id, new.product_id), last_change FROM engine_clock
      WHERE slot = 1
    ON CONFLICT(product_id) DO UPDATE SET change = excluded.change;
END;
CREATE TRIGGER products_engine_update AFTER UPDATE ON products
  WHEN (SELECT active FROM engine_clock WHERE slot = 1) = 1 BEGIN
  UPDATE engine_clock SET last_change =
    max(last_change + 1, CAST(strftime('%s', 'now') AS INTEGER) * 1000000) WHERE slot = 1;
  INSERT INTO engine_queue(product_id, change)
    SELECT coalesce(new.parent_product_id, new.product_id), last_change FROM engine_clock
      WHERE slot = 1
    ON CONFLICT(product_id) DO UPDATE SET change = excluded.change;
END;

-- The last rebuild of the index.
CREATE TABLE engine_builds(
  slot INTEGER NOT NULL PRIMARY KEY CHECK(slot = 1),
  index_name TEXT NOT NULL,
  state TEXT NOT NULL CHECK(state = 'running' OR state = 'completed' OR state = 'failed'),
  filled INTEGER NOT NULL CHECK(filled = 0 OR filled = 1),
  after BLOB,
  products INTEGER NOT NULL,
  since INTEGER NOT NULL,
  error TEXT,
  started_at INTEGER NOT NULL,
  finished_at INTEGER,
  version INTEGER NOT NULL
) WITHOUT ROWID;
