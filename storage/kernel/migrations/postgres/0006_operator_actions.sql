-- Actions of operators on events: 'discarded', a copy of the discarded dead letter; 'applied', an
-- event that was applied manually. Append-only.
CREATE TABLE operator_action(
  action_id UUID NOT NULL PRIMARY KEY,
  acted_at BIGINT NOT NULL,
  actor TEXT NOT NULL,
  action TEXT NOT NULL,
  reason TEXT NOT NULL,
  event_id UUID NOT NULL,
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
