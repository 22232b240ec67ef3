-- Exports over HTTP. Few are open or have a file; of the others only the newest are kept.
CREATE TABLE exports(
  export_id BLOB NOT NULL PRIMARY KEY,
  state TEXT NOT NULL CHECK(state='queued' OR state='running' OR state='completed' OR
    state='expired' OR state='failed' OR state='cancelled' OR state='interrupted'),
  is_open INTEGER NOT NULL CHECK(is_open IN (0,1)),
  has_parts INTEGER NOT NULL CHECK(has_parts IN (0,1)),
  created_by BLOB NOT NULL,
  format TEXT NOT NULL CHECK(format='shopify' OR format='jsonl' OR format='csv'),
  updated_since INTEGER,
  status TEXT,
  attempts INTEGER NOT NULL,
  run TEXT NOT NULL,
  position TEXT NOT NULL,
  columns TEXT NOT NULL,
  file_parts INTEGER NOT NULL,
  parts_deleted INTEGER NOT NULL,
  file_bytes INTEGER NOT NULL,
  objects INTEGER NOT NULL,
  left_out INTEGER NOT NULL,
  error TEXT,
  created_at INTEGER NOT NULL,
  started_at INTEGER,
  finished_at INTEGER,
  expires_at INTEGER,
  version INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX exports_open ON exports(is_open) WHERE is_open = 1;
CREATE INDEX exports_with_parts ON exports(has_parts) WHERE has_parts = 1;

-- The files, which are UTF-8 without NUL.
CREATE TABLE export_parts(
  export_id BLOB NOT NULL,
  number INTEGER NOT NULL,
  content TEXT NOT NULL,
  PRIMARY KEY(export_id, number)
);
