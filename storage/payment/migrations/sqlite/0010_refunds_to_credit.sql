-- What of a refund returns to gift cards and store credit, as a JSON list, and its sum; the gateway refunds the rest of
-- the amount. credits_returned: a first success has returned it, and a reversal at the gateway does not take it back.
ALTER TABLE payment_refunds ADD COLUMN credits TEXT NOT NULL DEFAULT '[]';
ALTER TABLE payment_refunds ADD COLUMN credit_total INTEGER NOT NULL DEFAULT 0 CHECK(credit_total BETWEEN 0 AND amount);
ALTER TABLE payment_refunds ADD COLUMN credits_returned INTEGER NOT NULL DEFAULT 0
  CHECK(credits_returned = 0 OR credits_returned = 1);
