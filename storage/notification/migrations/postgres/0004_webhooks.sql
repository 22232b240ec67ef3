-- Endpoints of other systems that receive events. `list` is always 0: a batch loads all endpoints by it.
CREATE TABLE webhook_endpoints(
  webhook_id UUID NOT NULL PRIMARY KEY,
  list BIGINT NOT NULL CHECK(list = 0),
  url TEXT NOT NULL,
  description TEXT,
  event_types TEXT NOT NULL,
  payload_version BIGINT NOT NULL,
  status TEXT COLLATE "C" NOT NULL CHECK(status IN ('Enabled','Disabled')),
  disabled_reason TEXT CHECK(disabled_reason IN ('by_staff','failing','gone')),
  disabled_at BIGINT,
  failing_since BIGINT,
  sealed_secret TEXT NOT NULL,
  previous_secret TEXT,
  previous_secret_until BIGINT,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  version BIGINT NOT NULL,
  CHECK((status = 'Disabled') = (disabled_reason IS NOT NULL)),
  CHECK((previous_secret IS NULL) = (previous_secret_until IS NULL))
);
CREATE INDEX webhook_endpoints_list ON webhook_endpoints(list);

-- The bodies that are sent: one for each event and payload version, whatever the number of endpoints.
CREATE TABLE webhook_messages(
  event_id UUID NOT NULL,
  payload_version BIGINT NOT NULL,
  event_type TEXT NOT NULL,
  body TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  PRIMARY KEY(event_id, payload_version)
);
CREATE INDEX webhook_messages_expiry ON webhook_messages(expires_at);

-- One for each event and endpoint, and one for each replay. Those of one subject (an order) are sent to an
-- endpoint in the order of their positions, one at a time: only one of them is Pending, later ones are Waiting.
CREATE TABLE webhook_deliveries(
  delivery_id UUID NOT NULL PRIMARY KEY,
  webhook_id UUID NOT NULL,
  subject_id UUID NOT NULL,
  position BIGINT NOT NULL,
  event_id UUID NOT NULL,
  event_type TEXT NOT NULL,
  payload_version BIGINT NOT NULL,
  replay_of UUID,
  status TEXT COLLATE "C" NOT NULL CHECK(status IN ('Waiting','Pending','Delivered','Failed')),
  attempts BIGINT NOT NULL CHECK(attempts >= 0),
  next_attempt_at BIGINT NOT NULL,
  retry_until BIGINT NOT NULL,
  last_status BIGINT,
  last_error TEXT,
  created_at BIGINT NOT NULL,
  finished_at BIGINT,
  expires_at BIGINT NOT NULL,
  version BIGINT NOT NULL
) WITH (fillfactor = 80);
CREATE UNIQUE INDEX webhook_deliveries_position ON webhook_deliveries(subject_id, webhook_id, position);
CREATE UNIQUE INDEX webhook_deliveries_event ON webhook_deliveries(event_id, webhook_id) WHERE replay_of IS NULL;
CREATE INDEX webhook_deliveries_list ON webhook_deliveries(webhook_id, delivery_id);
CREATE INDEX webhook_deliveries_status ON webhook_deliveries(webhook_id, status, delivery_id);
CREATE INDEX webhook_deliveries_due ON webhook_deliveries(webhook_id, next_attempt_at) WHERE status = 'Pending';
CREATE INDEX webhook_deliveries_expiry ON webhook_deliveries(expires_at);

-- The result of each attempt.
CREATE TABLE webhook_attempts(
  attempt_id UUID NOT NULL PRIMARY KEY,
  delivery_id UUID NOT NULL,
  outcome TEXT NOT NULL,
  status BIGINT,
  duration_ms BIGINT NOT NULL,
  response TEXT,
  error TEXT,
  attempted_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
);
CREATE INDEX webhook_attempts_delivery ON webhook_attempts(delivery_id, attempt_id);
CREATE INDEX webhook_attempts_expiry ON webhook_attempts(expires_at);
