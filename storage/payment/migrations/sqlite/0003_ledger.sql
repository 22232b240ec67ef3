-- The double-entry ledger: the postings of an entry sum to zero in each currency. A positive amount
-- is a debit, a negative one a credit. An entry is posted once per payment and operation.
-- Append-only.
CREATE TABLE ledger_postings(
  entry_id BLOB NOT NULL,
  line INTEGER NOT NULL CHECK(line >= 1),
  payment_id BLOB NOT NULL REFERENCES payments(payment_id),
  operation TEXT NOT NULL,
  kind TEXT NOT NULL CHECK(kind IN ('capture','refund','refund_reversal','dispute')),
  account TEXT NOT NULL,
  amount INTEGER NOT NULL CHECK(amount <> 0),
  amount_currency TEXT NOT NULL,
  posted_at INTEGER NOT NULL,
  PRIMARY KEY(entry_id, line)
) WITHOUT ROWID;
CREATE UNIQUE INDEX ledger_postings_once ON ledger_postings(payment_id, operation, line);

-- What was captured and refunded before. The time of these entries is that of the last change.
INSERT INTO ledger_postings
  SELECT order_id, 1, payment_id, 'capture', 'capture', 'gateway_receivable:' || gateway, amount,
    amount_currency, updated_at
  FROM payments WHERE status IN ('Completed','PartiallyRefunded','Refunded') AND amount > 0
  UNION ALL
  SELECT order_id, 2, payment_id, 'capture', 'capture', 'sales', -amount, amount_currency,
    updated_at
  FROM payments WHERE status IN ('Completed','PartiallyRefunded','Refunded') AND amount > 0;
INSERT INTO ledger_postings
  SELECT r.refund_id, l.line, r.payment_id,
    'refund:' || lower(substr(hex(r.refund_id),1,8) || '-' || substr(hex(r.refund_id),9,4) || '-'
      || substr(hex(r.refund_id),13,4) || '-' || substr(hex(r.refund_id),17,4) || '-'
      || substr(hex(r.refund_id),21,12)) || CASE r.tries WHEN 1 THEN '' ELSE '#' || r.tries END,
    'refund', CASE l.line WHEN 1 THEN 'refunds' ELSE 'gateway_receivable:' || p.gateway END,
    CASE l.line WHEN 1 THEN r.amount ELSE -r.amount END, r.amount_currency, r.updated_at
  FROM payment_refunds r JOIN payments p ON p.payment_id = r.payment_id
    CROSS JOIN (SELECT 1 AS line UNION ALL SELECT 2) l
  WHERE r.status = 'Succeeded';

CREATE TRIGGER ledger_postings_keep BEFORE UPDATE ON ledger_postings
BEGIN SELECT RAISE(ABORT, 'ledger_postings is append-only'); END;
CREATE TRIGGER ledger_postings_stay BEFORE DELETE ON ledger_postings
BEGIN SELECT RAISE(ABORT, 'ledger_postings is append-only'); END;

-- Disputes that the gateway has reported. reference is the gateway's id.
CREATE TABLE payment_disputes(
  dispute_id BLOB NOT NULL PRIMARY KEY,
  payment_id BLOB NOT NULL REFERENCES payments(payment_id),
  gateway TEXT NOT NULL,
  reference TEXT NOT NULL,
  amount INTEGER NOT NULL CHECK(amount > 0),
  amount_currency TEXT NOT NULL,
  reason TEXT NOT NULL,
  status TEXT NOT NULL CHECK(status IN ('Open','Won','Lost','Closed')),
  funds_withdrawn INTEGER NOT NULL CHECK(funds_withdrawn IN (0,1)),
  movements INTEGER NOT NULL CHECK(movements >= 0),
  respond_by INTEGER,
  opened_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  version INTEGER NOT NULL,
  UNIQUE(gateway, reference)
) WITHOUT ROWID;
CREATE INDEX payment_disputes_payment ON payment_disputes(payment_id);

-- Payments whose refunds and disputes must be read from the gateway.
CREATE TABLE gateway_reviews(
  payment_id BLOB NOT NULL PRIMARY KEY REFERENCES payments(payment_id),
  events INTEGER NOT NULL CHECK(events >= 1),
  attempts INTEGER NOT NULL CHECK(attempts >= 0),
  next_attempt_at INTEGER NOT NULL,
  version INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX gateway_reviews_due ON gateway_reviews(next_attempt_at);

-- To find a payment by the gateway's reference, and the refunds of a period.
CREATE INDEX payments_transaction ON payments(transaction_id) WHERE transaction_id IS NOT NULL;
CREATE INDEX payment_refunds_created ON payment_refunds(created_at);
