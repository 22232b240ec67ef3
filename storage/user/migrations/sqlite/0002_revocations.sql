-- The session's access tokens contain the epoch; tokens of an earlier epoch are rejected.
ALTER TABLE sessions ADD COLUMN epoch INTEGER NOT NULL DEFAULT 0;

-- Revocations of access tokens, numbered without gaps per shard, so that each node can query the
-- new ones. A row is kept until such tokens have expired.
CREATE TABLE revocation_counters(
  shard INTEGER NOT NULL PRIMARY KEY,
  last_seq INTEGER NOT NULL,
  version INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE revocations(
  shard INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  family BLOB NOT NULL,
  epoch INTEGER NOT NULL,
  forget_at INTEGER NOT NULL,
  PRIMARY KEY(shard, seq)
) WITHOUT ROWID;
CREATE INDEX revocations_forget_at ON revocations(forget_at);
