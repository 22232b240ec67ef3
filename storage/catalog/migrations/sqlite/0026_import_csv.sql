-- A third format of an import's file. SQLite cannot change a check: the table, of at most a few
-- hundred rows, is copied.
CREATE TABLE imports_with_csv(
  import_id BLOB NOT NULL PRIMARY KEY,
  state TEXT NOT NULL CHECK(state='receiving' OR state='queued' OR state='running' OR
    state='completed' OR state='failed' OR state='cancelled' OR state='interrupted'),
  is_open INTEGER NOT NULL CHECK(is_open IN (0,1)),
  created_by BLOB NOT NULL,
  set_stock INTEGER NOT NULL CHECK(set_stock IN (0,1)),
  dry_run INTEGER NOT NULL CHECK(dry_run IN (0,1)),
  file_bytes INTEGER NOT NULL,
  file_parts INTEGER NOT NULL,
  attempts INTEGER NOT NULL,
  run TEXT NOT NULL,
  rows_read INTEGER NOT NULL,
  rows_rejected INTEGER NOT NULL,
  created INTEGER NOT NULL,
  updated INTEGER NOT NULL,
  unchanged INTEGER NOT NULL,
  rejected INTEGER NOT NULL,
  warnings INTEGER NOT NULL,
  report TEXT NOT NULL,
  error TEXT,
  created_at INTEGER NOT NULL,
  started_at INTEGER,
  finished_at INTEGER,
  version INTEGER NOT NULL,
  counted_from INTEGER NOT NULL DEFAULT 0,
  counted_mask INTEGER NOT NULL DEFAULT 0,
  format TEXT NOT NULL DEFAULT 'shopify' CHECK(format='shopify' OR format='jsonl' OR format='csv')
) WITHOUT ROWID;
INSERT INTO imports_with_csv(import_id, state, is_open, created_by, set_stock, dry_run, file_bytes,
    file_parts, attempts, run, rows_read, rows_rejected, created, updated, unchanged, rejected,
    warnings, report, error, created_at, started_at, finished_at, version, counted_from,
    counted_mask, format)
  SELECT import_id, state, is_open, created_by, set_stock, dry_run, file_bytes, file_parts,
    attempts, run, rows_read, rows_rejected, created, updated, unchanged, rejected, warnings,
    report, error, created_at, started_at, finished_at, version, counted_from, counted_mask, format
  FROM imports;
DROP TABLE imports;
ALTER TABLE imports_with_csv RENAME TO imports;
CREATE INDEX imports_open ON imports(is_open) WHERE is_open = 1;
