CREATE TABLE payments(
  payment_id UUID NOT NULL PRIMARY KEY,
  order_id UUID NOT NULL UNIQUE,
  user_id UUID,
  payment_method TEXT NOT NULL,
  token TEXT NOT NULL,
  amount BIGINT NOT NULL CHECK(amount >= 0),
  amount_currency TEXT NOT NULL,
  status TEXT COLLATE "C" NOT NULL
    CHECK(status IN ('Pending','Completed','Failed','Refunded')),
  refunded_amount BIGINT CHECK(refunded_amount BETWEEN 0 AND amount),
  refunded_amount_currency TEXT,
  transaction_id TEXT,
  failure_code TEXT,
  order_cancelled SMALLINT NOT NULL CHECK(order_cancelled IN (0,1)),
  effect TEXT NOT NULL CHECK(effect IN ('None','Charge','Cancel','Refund')),
  attempts BIGINT NOT NULL CHECK(attempts >= 0),
  next_attempt_at BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  version BIGINT NOT NULL
) WITH (fillfactor = 80);
CREATE INDEX payments_status ON payments(status, payment_id);
CREATE INDEX payments_open ON payments(next_attempt_at, payment_id) WHERE effect <> 'None';

-- Append-only: every request to the gateway and every answer from it.
CREATE TABLE payment_logs(
  log_id UUID NOT NULL PRIMARY KEY,
  payment_id UUID NOT NULL REFERENCES payments(payment_id),
  event TEXT NOT NULL,
  details TEXT NOT NULL,
  logged_at BIGINT NOT NULL
);
CREATE INDEX payment_logs_payment ON payment_logs(payment_id);
CREATE TRIGGER payment_logs_keep BEFORE UPDATE OR DELETE ON payment_logs
  FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TABLE settled_orders(
  order_id UUID NOT NULL PRIMARY KEY,
  settled_at BIGINT NOT NULL
);
