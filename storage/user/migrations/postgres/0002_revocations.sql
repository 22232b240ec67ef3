-- The epoch is in the session's access tokens: those of an earlier one are refused.
ALTER TABLE sessions ADD COLUMN epoch BIGINT NOT NULL DEFAULT 0;

-- What ends access tokens before their time, numbered without gaps within a shard, so that each node can
-- ask for what is new. A row is kept as long as such a token may live.
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
