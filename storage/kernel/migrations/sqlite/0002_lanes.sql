-- Writers own lanes: each has an outbox sequence and a fencing token on which its commits are
-- conditional. A SQLite database has one lane.
CREATE TABLE lane(
  lane INTEGER PRIMARY KEY,
  owner TEXT NOT NULL,
  epoch INTEGER NOT NULL,
  last_seq INTEGER NOT NULL,
  batches INTEGER NOT NULL,
  beat INTEGER NOT NULL
);
INSERT INTO lane VALUES(0, '', 0,
  max((SELECT coalesce(max(seq), 0) FROM outbox),
      (SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name='outbox')), 0, 0);

CREATE TABLE lane_outbox(
  lane INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  event_id BLOB NOT NULL,
  type TEXT NOT NULL,
  aggregate_id BLOB NOT NULL,
  payload TEXT NOT NULL,
  traceparent TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY(lane, seq)
) WITHOUT ROWID;
INSERT INTO lane_outbox
  SELECT 0, seq, event_id, type, aggregate_id, payload, traceparent, created_at FROM outbox;
DROP TABLE outbox;
ALTER TABLE lane_outbox RENAME TO outbox;

-- Rows are deleted by the producer's lane.
UPDATE inbox SET source = source || '/0';
