-- The kernel's tables in every service's database.

-- Partitions, here named lanes. A lane has one writer and one sequence of events. Each new owner
-- raises epoch, and every commit is conditional on it, so that a former owner cannot commit. Every
-- commit updates the row; the fillfactor allows heap-only updates.
CREATE TABLE lane(
  lane BIGINT NOT NULL PRIMARY KEY,
  owner TEXT NOT NULL,
  epoch BIGINT NOT NULL,
  last_seq BIGINT NOT NULL,
  batches BIGINT NOT NULL,
  beat BIGINT NOT NULL
) WITH (fillfactor = 10);

-- Events that not all subscribers have acknowledged. lane.last_seq is the last seq used; a seq is
-- never reused.
CREATE TABLE outbox(
  lane BIGINT NOT NULL,
  seq BIGINT NOT NULL,
  event_id UUID NOT NULL,
  type TEXT NOT NULL,
  aggregate_id UUID NOT NULL,
  payload TEXT NOT NULL,
  traceparent TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY(lane, seq)
);

-- Applied events. source ("order/0": service and lane) and seq determine when a row can be deleted:
-- the producer has deleted all events below the low-water mark in its messages.
CREATE TABLE inbox(
  event_id UUID NOT NULL PRIMARY KEY,
  source TEXT COLLATE "C" NOT NULL,
  seq BIGINT NOT NULL,
  applied_at BIGINT NOT NULL
);
CREATE INDEX inbox_source ON inbox(source, seq);

-- First replies, for repeated requests.
CREATE TABLE idempotency(
  scope TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  fingerprint TEXT NOT NULL,
  ok SMALLINT NOT NULL CHECK(ok IN (0,1)),
  body TEXT NOT NULL,
  created_at BIGINT NOT NULL
);
CREATE INDEX idempotency_created ON idempotency(created_at);

-- Events that failed repeatedly, for operators to inspect and replay.
CREATE TABLE dead_letter(
  event_id UUID NOT NULL PRIMARY KEY,
  source TEXT NOT NULL,
  seq BIGINT NOT NULL,
  type TEXT NOT NULL,
  aggregate_id UUID NOT NULL,
  payload TEXT NOT NULL,
  traceparent TEXT NOT NULL,
  error TEXT NOT NULL,
  attempts BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  failed_at BIGINT NOT NULL
);

-- For the triggers of append-only tables.
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = '23000';
END $$;
