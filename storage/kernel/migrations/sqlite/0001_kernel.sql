-- What the kernel keeps in every service's database, beside the domain tables.

-- Events not yet acknowledged by every subscriber. seq is never used twice (AUTOINCREMENT).
CREATE TABLE outbox(
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  event_id BLOB NOT NULL,
  type TEXT NOT NULL,
  aggregate_id BLOB NOT NULL,
  payload TEXT NOT NULL,
  traceparent TEXT NOT NULL,
  created_at INTEGER NOT NULL
);

-- Events already applied here. source and seq tell when a row may be forgotten: the producer has
-- deleted all events below the low-water mark that it sends along.
CREATE TABLE inbox(
  event_id BLOB NOT NULL PRIMARY KEY,
  source TEXT NOT NULL,
  seq INTEGER NOT NULL,
  applied_at INTEGER NOT NULL
) WITHOUT ROWID;

-- First answers, to be repeated.
CREATE TABLE idempotency(
  scope TEXT NOT NULL PRIMARY KEY,
  fingerprint TEXT NOT NULL,
  ok INTEGER NOT NULL,
  body TEXT NOT NULL,
  created_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX idempotency_created ON idempotency(created_at);

-- Events that failed again and again, for an operator to look at and to replay.
CREATE TABLE dead_letter(
  event_id BLOB NOT NULL PRIMARY KEY,
  source TEXT NOT NULL,
  seq INTEGER NOT NULL,
  type TEXT NOT NULL,
  aggregate_id BLOB NOT NULL,
  payload TEXT NOT NULL,
  traceparent TEXT NOT NULL,
  error TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  failed_at INTEGER NOT NULL
) WITHOUT ROWID;
