-- The session's access tokens contain the epoch; tokens of an earlier epoch are rejected.
ALTER TABLE sessions ADD COLUMN epoch BIGINT NOT NULL DEFAULT 0;

-- Revocations of access tokens, numbered without gaps per shard, so that each node can query the
-- new ones. A row is kept until such tokens have expired.
CREATE TABLE revocation_counters(
  shard BIGINT NOT NULL PRIMARY KEY,
  last_seq BIGINT NOT NULL,
  version BIGINT NOT NULL
) WITH (fillfactor = 50);

CREATE TABLE revocations(
  shard BIGINT NOT NULL,
  seq BIGINT NOT NULL,
  family UUID NOT NULL,
  epoch BIGINT NOT NULL,
  forget_at BIGINT NOT NULL,
  PRIMARY KEY(shard, seq)
);
CREATE INDEX revocations_forget_at ON revocations(forget_at);
