-- Imports over HTTP. Few are open; of the ended ones only the newest are kept.
CREATE TABLE imports(
  import_id UUID NOT NULL PRIMARY KEY,
  state TEXT NOT NULL CHECK(state IN ('receiving','queued','running','completed','failed','cancelled','interrupted')),
  is_open SMALLINT NOT NULL CHECK(is_open IN (0,1)),
  created_by UUID NOT NULL,
  set_stock SMALLINT NOT NULL CHECK(set_stock IN (0,1)),
  dry_run SMALLINT NOT NULL CHECK(dry_run IN (0,1)),
  file_bytes BIGINT NOT NULL,
  file_parts BIGINT NOT NULL,
  attempts BIGINT NOT NULL,
  run TEXT NOT NULL,
  rows_read BIGINT NOT NULL,
  rows_rejected BIGINT NOT NULL,
  created BIGINT NOT NULL,
  updated BIGINT NOT NULL,
  unchanged BIGINT NOT NULL,
  rejected BIGINT NOT NULL,
  warnings BIGINT NOT NULL,
  report TEXT NOT NULL,
  error TEXT,
  created_at BIGINT NOT NULL,
  started_at BIGINT,
  finished_at BIGINT,
  version BIGINT NOT NULL
);
CREATE INDEX imports_open ON imports(is_open) WHERE is_open = 1;

-- The files of open imports, in base64url, because a text column does not accept all bytes.
CREATE TABLE import_parts(
  import_id UUID NOT NULL,
  number BIGINT NOT NULL,
  content TEXT NOT NULL,
  PRIMARY KEY(import_id, number)
);
