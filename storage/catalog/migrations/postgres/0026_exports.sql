-- Exports over HTTP. Few are open or have a file; of the others only the newest are kept.
CREATE TABLE exports(
  export_id UUID NOT NULL PRIMARY KEY,
  state TEXT NOT NULL CHECK(state='queued' OR state='running' OR state='completed' OR
    state='expired' OR state='failed' OR state='cancelled' OR state='interrupted'),
  is_open SMALLINT NOT NULL CHECK(is_open IN (0,1)),
  has_parts SMALLINT NOT NULL CHECK(has_parts IN (0,1)),
  created_by UUID NOT NULL,
  format TEXT NOT NULL CHECK(format='shopify' OR format='jsonl' OR format='csv'),
  updated_since BIGINT,
  status TEXT,
  attempts BIGINT NOT NULL,
  run TEXT NOT NULL,
  position TEXT NOT NULL,
  columns TEXT NOT NULL,
  file_parts BIGINT NOT NULL,
  parts_deleted BIGINT NOT NULL,
  file_bytes BIGINT NOT NULL,
  objects BIGINT NOT NULL,
  left_out BIGINT NOT NULL,
  error TEXT,
  created_at BIGINT NOT NULL,
  started_at BIGINT,
  finished_at BIGINT,
  expires_at BIGINT,
  version BIGINT NOT NULL
);
CREATE INDEX exports_open ON exports(is_open) WHERE is_open = 1;
CREATE INDEX exports_with_parts ON exports(has_parts) WHERE has_parts = 1;

-- The files, which are UTF-8 without NUL.
CREATE TABLE export_parts(
  export_id UUID NOT NULL,
  number BIGINT NOT NULL,
  content TEXT NOT NULL,
  PRIMARY KEY(export_id, number)
);
