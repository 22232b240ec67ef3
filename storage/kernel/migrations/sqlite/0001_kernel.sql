-- The kernel's tables in every service's database.

-- Events that not all subscribers have acknowledged. seq is never reused (AUTOINCREMENT).
CREATE TABLE outbox(
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  event_id BLOB NOT NULL,
  type TEXT NOT NULL,
  aggregate_id BLOB NOT NULL,
  payload TEXT NOT NULL,
  traceparent TEXT NOT NULL,
  created_at INTEGER NOT NULL
);

-- Applied events. source and seq determine when a row can be deleted: the producer has deleted all
-- events below the low-water mark in its messages.
CREATE TABLE inbox(
  event_id BLOB NOT NULL PRIMARY KEY,
  source TEXT NOT NULL,
  seq INTEGER NOT NULL,
  applied_at INTEGER NOT NULL
) WITHOUT ROWID;

-- First replies, for repeated requests.
CREATE TABLE idempotency(
  scope TEXT NOT NULL PRIMARY KEY,
  fingerprint TEXT NOT NULL,
  ok INTEGER NOT NULL,
  body TEXT NOT NULL,
  created_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX idempotency_created ON idempotency(created_at);

-- Events that failed repeatedly, for operators to inspect and replay.
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
