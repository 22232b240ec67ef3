-- The epoch is in the session's access tokens: those of an earlier one are refused.
ALTER TABLE sessions ADD COLUMN epoch INTEGER NOT NULL DEFAULT 0;

-- What ends access tokens before their time, numbered without gaps within a shard, so that each node can
-- ask for what is new. A row is kept as long as such a token may live.
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
