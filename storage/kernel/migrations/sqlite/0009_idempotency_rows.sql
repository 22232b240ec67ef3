-- An answer is longer than a quarter of a page: in a table WITHOUT ROWID, whose rows are in the
-- inner nodes of the tree too, each would have its separate overflow page: 4.7 KB for 1.4.
CREATE TABLE idempotency_next(
  scope TEXT NOT NULL PRIMARY KEY,
  fingerprint TEXT NOT NULL,
  ok INTEGER NOT NULL,
  body TEXT NOT NULL,
  created_at INTEGER NOT NULL
);
INSERT INTO idempotency_next(scope, fingerprint, ok, body, created_at)
  SELECT scope, fingerprint, ok, body, created_at FROM idempotency ORDER BY created_at;
DROP TABLE idempotency;
ALTER TABLE idempotency_next RENAME TO idempotency;
CREATE INDEX idempotency_created ON idempotency(created_at);
