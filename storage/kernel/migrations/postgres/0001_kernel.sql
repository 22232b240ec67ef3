-- What the kernel keeps in every service's database, beside the domain tables.

-- Who writes. A lane is one writer with a sequence of events of its own; epoch goes up with each new
-- owner, and every commit asks for it, so that a writer that has lost its lane cannot commit any more.
-- The row is written in every commit: with room on its page that is a heap-only update.
CREATE TABLE lane(
  lane BIGINT NOT NULL PRIMARY KEY,
  owner TEXT NOT NULL,
  epoch BIGINT NOT NULL,
  last_seq BIGINT NOT NULL,
  batches BIGINT NOT NULL,
  beat BIGINT NOT NULL
) WITH (fillfactor = 10);

-- Events not yet acknowledged by every subscriber. No seq of a lane is ever used twice: lane.last_seq
-- remembers the last one.
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

-- Events already applied here. source ("order/0": service and lane) and seq tell when a row may be
-- forgotten: the producer has deleted all events below the low-water mark that it sends along.
CREATE TABLE inbox(
  event_id UUID NOT NULL PRIMARY KEY,
  source TEXT COLLATE "C" NOT NULL,
  seq BIGINT NOT NULL,
  applied_at BIGINT NOT NULL
);
CREATE INDEX inbox_source ON inbox(source, seq);

-- First answers, to be repeated.
CREATE TABLE idempotency(
  scope TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  fingerprint TEXT NOT NULL,
  ok SMALLINT NOT NULL CHECK(ok IN (0,1)),
  body TEXT NOT NULL,
  created_at BIGINT NOT NULL
);
CREATE INDEX idempotency_created ON idempotency(created_at);

-- Events that failed again and again, for an operator to look at and to replay.
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

-- For the triggers of tables that are only added to.
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = '23000';
END $$;
