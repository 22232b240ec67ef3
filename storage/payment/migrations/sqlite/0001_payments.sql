-- One payment per order. log_rows, attempt_rows and refund_rows are the last numbers used.
CREATE TABLE payments(
  payment_id BLOB NOT NULL PRIMARY KEY,
  order_id BLOB NOT NULL UNIQUE,
  user_id BLOB,
  payment_method TEXT NOT NULL,
  gateway TEXT NOT NULL,
  capture TEXT NOT NULL CHECK(capture IN ('automatic','manual')),
  sealed_token TEXT NOT NULL,
  token_hint TEXT NOT NULL,
  amount INTEGER NOT NULL CHECK(amount >= 0),
  amount_currency TEXT NOT NULL,
  status TEXT NOT NULL CHECK(status IN ('Pending','RequiresAction','Authorized','Completed',
    'PartiallyRefunded','Refunded','Voided','Failed')),
  refunded_amount INTEGER CHECK(refunded_amount BETWEEN 0 AND amount),
  refunded_amount_currency TEXT,
  transaction_id TEXT,
  failure_code TEXT,
  action_url TEXT,
  order_cancelled INTEGER NOT NULL CHECK(order_cancelled IN (0,1)),
  effect TEXT NOT NULL CHECK(effect IN ('None','Authorize','Capture','Void','Refund')),
  attempts INTEGER NOT NULL CHECK(attempts >= 0),
  attempt_rows INTEGER NOT NULL CHECK(attempt_rows >= 0),
  refund_rows INTEGER NOT NULL CHECK(refund_rows >= 0),
  next_attempt_at INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  version INTEGER NOT NULL,
  log_rows INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX payments_status ON payments(status, payment_id);
CREATE INDEX payments_open ON payments(next_attempt_at) WHERE effect <> 'None';

-- Instruments are stored encrypted before the order is placed; orders and events contain only their
-- ids.
CREATE TABLE instruments(
  instrument_id BLOB NOT NULL PRIMARY KEY,
  user_id BLOB,
  payment_method TEXT NOT NULL,
  sealed_token TEXT NOT NULL,
  token_hint TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX instruments_expiry ON instruments(expires_at);

-- Requests to a gateway, each under its own idempotency key.
CREATE TABLE payment_attempts(
  payment_id BLOB NOT NULL REFERENCES payments(payment_id),
  number INTEGER NOT NULL CHECK(number >= 1),
  operation TEXT NOT NULL CHECK(operation IN ('Authorize','Capture','Void','Refund')),
  gateway TEXT NOT NULL,
  gateway_key TEXT NOT NULL,
  amount INTEGER NOT NULL CHECK(amount >= 0),
  amount_currency TEXT NOT NULL,
  state TEXT NOT NULL
    CHECK(state IN ('pending','accepted','succeeded','declined','abandoned')),
  calls INTEGER NOT NULL CHECK(calls >= 0),
  transaction_id TEXT,
  code TEXT,
  refund_id BLOB,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  version INTEGER NOT NULL,
  PRIMARY KEY(payment_id, number)
) WITHOUT ROWID;

CREATE TABLE payment_refunds(
  refund_id BLOB NOT NULL PRIMARY KEY,
  payment_id BLOB NOT NULL REFERENCES payments(payment_id),
  amount INTEGER NOT NULL CHECK(amount > 0),
  amount_currency TEXT NOT NULL,
  reason TEXT NOT NULL,
  requested_by TEXT NOT NULL,
  status TEXT NOT NULL CHECK(status IN ('Pending','Succeeded','Declined')),
  tries INTEGER NOT NULL CHECK(tries >= 1),
  transaction_id TEXT,
  failure_code TEXT,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  version INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX payment_refunds_payment ON payment_refunds(payment_id);

-- Every request to the gateway and every response from it. Append-only. seq is the row's number
-- within the payment, independent of the nodes' clocks.
CREATE TABLE payment_logs(
  log_id BLOB NOT NULL PRIMARY KEY,
  payment_id BLOB NOT NULL REFERENCES payments(payment_id),
  event TEXT NOT NULL,
  details TEXT NOT NULL,
  logged_at INTEGER NOT NULL,
  seq INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX payment_logs_payment ON payment_logs(payment_id);
CREATE TRIGGER payment_logs_keep BEFORE UPDATE ON payment_logs
BEGIN SELECT RAISE(ABORT, 'payment_logs is append-only'); END;
CREATE TRIGGER payment_logs_stay BEFORE DELETE ON payment_logs
BEGIN SELECT RAISE(ABORT, 'payment_logs is append-only'); END;

CREATE TABLE settled_orders(
  order_id BLOB NOT NULL PRIMARY KEY,
  settled_at INTEGER NOT NULL
) WITHOUT ROWID;

-- Applied webhook events of gateways, to ignore repeats.
CREATE TABLE gateway_events(
  gateway TEXT NOT NULL,
  event_id TEXT NOT NULL,
  received_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  PRIMARY KEY(event_id, gateway)
) WITHOUT ROWID;
CREATE INDEX gateway_events_expiry ON gateway_events(expires_at);
