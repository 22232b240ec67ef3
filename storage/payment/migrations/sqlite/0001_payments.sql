CREATE TABLE payments(
  payment_id BLOB NOT NULL PRIMARY KEY,
  order_id BLOB NOT NULL UNIQUE,
  user_id BLOB,
  payment_method TEXT NOT NULL,
  token TEXT NOT NULL,
  amount INTEGER NOT NULL CHECK(amount >= 0),
  amount_currency TEXT NOT NULL,
  status TEXT NOT NULL CHECK(status IN ('Pending','Completed','Failed','Refunded')),
  refunded_amount INTEGER CHECK(refunded_amount BETWEEN 0 AND amount),
  refunded_amount_currency TEXT,
  transaction_id TEXT,
  failure_code TEXT,
  order_cancelled INTEGER NOT NULL CHECK(order_cancelled IN (0,1)),
  effect TEXT NOT NULL CHECK(effect IN ('None','Charge','Cancel','Refund')),
  attempts INTEGER NOT NULL CHECK(attempts >= 0),
  next_attempt_at INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  version INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX payments_status ON payments(status, payment_id);
CREATE INDEX payments_open ON payments(next_attempt_at) WHERE effect <> 'None';

-- Append-only: every request to the gateway and every answer from it.
CREATE TABLE payment_logs(
  log_id BLOB NOT NULL PRIMARY KEY,
  payment_id BLOB NOT NULL REFERENCES payments(payment_id),
  event TEXT NOT NULL,
  details TEXT NOT NULL,
  logged_at INTEGER NOT NULL
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
