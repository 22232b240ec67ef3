-- Actions of operators on events: 'discarded', a copy of the discarded dead letter; 'applied', an
-- event that was applied manually. Append-only.
CREATE TABLE operator_action(
  action_id BLOB NOT NULL PRIMARY KEY,
  acted_at INTEGER NOT NULL,
  actor TEXT NOT NULL,
  action TEXT NOT NULL,
  reason TEXT NOT NULL,
  event_id BLOB NOT NULL,
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
