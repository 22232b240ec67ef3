-- The index of a search engine (docs/search.md). While there is a row with active = 1, every change
-- of a product that lists show is queued in the commit that makes it; a variant's change queues its
-- product. Most purchases change no product: in_stock changes only when a product sells out or is
-- in stock again.
--
-- last_change is the version of the documents: the time in microseconds, in whole seconds, or one more
-- than the last version. So it also grows when a restored database has lost changes.
CREATE TABLE engine_clock(
  slot SMALLINT PRIMARY KEY CHECK(slot = 1),
  active SMALLINT NOT NULL CHECK(active IN (0,1)),
  last_change BIGINT NOT NULL
);

-- The products whose documents are outdated, with their last change.
CREATE TABLE engine_queue(
  product_id UUID NOT NULL PRIMARY KEY,
  change BIGINT NOT NULL
);
CREATE INDEX engine_queue_change ON engine_queue(change);

CREATE FUNCTION queue_for_engine() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  next_change BIGINT;
BEGIN
  UPDATE engine_clock SET last_change =
    greatest(last_change + 1, floor(extract(epoch FROM clock_timestamp()))::bigint * 1000000)
    WHERE slot = 1 AND active = 1 RETURNING last_change INTO next_change;
  IF next_change IS NOT NULL THEN
    INSERT INTO engine_queue(product_id, change)
      VALUES(coalesce(new.parent_product_id, new.product_id), next_change)
      ON CONFLICT(product_id) DO UPDATE SET change = excluded.change;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER products_engine_insert AFTER INSERT ON products FOR EACH ROW
  EXECUTE FUNCTION queue_for_engine();
CREATE TRIGGER products_engine_update AFTER UPDATE ON products FOR EACH ROW
  EXECUTE FUNCTION queue_for_engine();

-- The last rebuild of the index.
CREATE TABLE engine_builds(
  slot SMALLINT NOT NULL PRIMARY KEY CHECK(slot = 1),
  index_name TEXT NOT NULL,
  state TEXT NOT NULL CHECK(state IN ('running','completed','failed')),
  filled SMALLINT NOT NULL CHECK(filled IN (0,1)),
  after UUID,
  products BIGINT NOT NULL,
  since BIGINT NOT NULL,
  error TEXT,
  started_at BIGINT NOT NULL,
  finished_at BIGINT,
  version BIGINT NOT NULL
);
