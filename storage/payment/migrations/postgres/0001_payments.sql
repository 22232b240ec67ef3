-- One payment per order. log_rows, attempt_rows and refund_rows are the last numbers used.
CREATE TABLE payments(
  payment_id UUID NOT NULL PRIMARY KEY,
  order_id UUID NOT NULL UNIQUE,
  user_id UUID,
  payment_method TEXT NOT NULL,
  gateway TEXT NOT NULL,
  capture TEXT NOT NULL CHECK(capture IN ('automatic','manual')),
  sealed_token TEXT NOT NULL,
  token_hint TEXT NOT NULL,
  amount BIGINT NOT NULL CHECK(amount >= 0),
  amount_currency TEXT NOT NULL,
  status TEXT COLLATE "C" NOT NULL CHECK(status IN ('Pending','RequiresAction','Authorized','Completed',
    'PartiallyRefunded','Refunded','Voided','Failed')),
  refunded_amount BIGINT CHECK(refunded_amount BETWEEN 0 AND amount),
  refunded_amount_currency TEXT,
  transaction_id TEXT,
  failure_code TEXT,
  action_url TEXT,
  order_cancelled SMALLINT NOT NULL CHECK(order_cancelled IN (0,1)),
  effect TEXT NOT NULL CHECK(effect IN ('None','Authorize','Capture','Void','Refund')),
  attempts BIGINT NOT NULL CHECK(attempts >= 0),
  attempt_rows BIGINT NOT NULL CHECK(attempt_rows >= 0),
  refund_rows BIGINT NOT NULL CHECK(refund_rows >= 0),
  next_attempt_at BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  version BIGINT NOT NULL,
  log_rows BIGINT NOT NULL
) WITH (fillfactor = 80);
CREATE INDEX payments_status ON payments(status, payment_id);
CREATE INDEX payments_open ON payments(next_attempt_at, payment_id) WHERE effect <> 'None';

-- Instruments are stored encrypted before the order is placed; orders and events contain only their
-- ids.
CREATE TABLE instruments(
  instrument_id UUID NOT NULL PRIMARY KEY,
  user_id UUID,
  payment_method TEXT NOT NULL,
  sealed_token TEXT NOT NULL,
  token_hint TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
);
CREATE INDEX instruments_expiry ON instruments(expires_at);

-- Requests to a gateway, each under its own idempotency key.
CREATE TABLE payment_attempts(
  payment_id UUID NOT NULL REFERENCES payments(payment_id),
  number BIGINT NOT NULL CHECK(number >= 1),
  operation TEXT NOT NULL CHECK(operation IN ('Authorize','Capture','Void','Refund')),
  gateway TEXT NOT NULL,
  gateway_key TEXT NOT NULL,
  amount BIGINT NOT NULL CHECK(amount >= 0),
  amount_currency TEXT NOT NULL,
  state TEXT NOT NULL
    CHECK(state IN ('pending','accepted','succeeded','declined','abandoned')),
  calls BIGINT NOT NULL CHECK(calls >= 0),
  transaction_id TEXT,
  code TEXT,
  refund_id UUID,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  version BIGINT NOT NULL,
  PRIMARY KEY(payment_id, number)
) WITH (fillfactor = 80);

CREATE TABLE payment_refunds(
  refund_id UUID NOT NULL PRIMARY KEY,
  payment_id UUID NOT NULL REFERENCES payments(payment_id),
  amount BIGINT NOT NULL CHECK(amount > 0),
  amount_currency TEXT NOT NULL,
  reason TEXT NOT NULL,
  requested_by TEXT NOT NULL,
  status TEXT NOT NULL CHECK(status IN ('Pending','Succeeded','Declined')),
  tries BIGINT NOT NULL CHECK(tries >= 1),
  transaction_id TEXT,
  failure_code TEXT,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  version BIGINT NOT NULL
);
CREATE INDEX payment_refunds_payment ON payment_refunds(payment_id);

-- Every request to the gateway and every response from it. Append-only. seq is the row's number
-- within the payment, independent of the nodes' clocks.
CREATE TABLE payment_logs(
  log_id UUID NOT NULL PRIMARY KEY,
  payment_id UUID NOT NULL REFERENCES payments(payment_id),
  event TEXT NOT NULL,
  details TEXT NOT NULL,
  logged_at BIGINT NOT NULL,
  seq BIGINT NOT NULL
);
CREATE INDEX payment_logs_payment ON payment_logs(payment_id);
CREATE TRIGGER payment_logs_keep BEFORE UPDATE OR DELETE ON payment_logs
  FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TABLE settled_orders(
  order_id UUID NOT NULL PRIMARY KEY,
  settled_at BIGINT NOT NULL
);

-- Applied webhook events of gateways, to ignore repeats.
CREATE TABLE gateway_events(
  gateway TEXT NOT NULL,
  event_id TEXT NOT NULL,
  received_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  PRIMARY KEY(event_id, gateway)
);
CREATE INDEX gateway_events_expiry ON gateway_events(expires_at);
