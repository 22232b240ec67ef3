-- Imports over HTTP. Few are open; of the ended ones only the newest are kept.
CREATE TABLE imports(
  import_id BLOB NOT NULL PRIMARY KEY,
  state TEXT NOT NULL CHECK(state IN ('receiving','queued','running','completed','failed','cancelled','interrupted')),
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
  version INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX imports_open ON imports(is_open) WHERE is_open = 1;

-- The files of open imports, in base64url, because a text column does not accept all bytes.
CREATE TABLE import_parts(
  import_id BLOB NOT NULL,
  number INTEGER NOT NULL,
  content TEXT NOT NULL,
  PRIMARY KEY(import_id, number)
) WITHOUT ROWID;
