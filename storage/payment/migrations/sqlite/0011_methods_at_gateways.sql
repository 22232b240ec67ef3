-- Customers at gateways that keep the payment methods of users. customer_id: NULL until the gateway has answered.
-- removing: the account was deleted; the row is deleted when the gateway has deleted the customer.
CREATE TABLE gateway_customers(
  user_id BLOB NOT NULL,
  gateway TEXT NOT NULL,
  customer_id TEXT,
  removing INTEGER NOT NULL DEFAULT 0 CHECK(removing = 0 OR removing = 1),
  attempts INTEGER NOT NULL,
  next_attempt_at INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  version INTEGER NOT NULL,
  PRIMARY KEY(user_id, gateway)
) WITHOUT ROWID;
CREATE INDEX gateway_customers_removing ON gateway_customers(next_attempt_at) WHERE removing = 1;
-- What a gateway still has to do with a saved payment method: Save attaches it to the user's customer, Remove detaches it.
-- Deleted when the gateway has answered.
CREATE TABLE method_operations(
  payment_method_id BLOB NOT NULL PRIMARY KEY,
  operation TEXT NOT NULL CHECK(operation = 'Save' OR operation = 'Remove'),
  user_id BLOB NOT NULL,
  gateway TEXT NOT NULL,
  customer_id TEXT,
  sealed_token TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  next_attempt_at INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  version INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX method_operations_due ON method_operations(next_attempt_at);
CREATE INDEX method_operations_user ON method_operations(user_id);
ALTER TABLE saved_payment_methods ADD COLUMN customer_id TEXT;
ALTER TABLE saved_payment_methods ADD COLUMN brand TEXT;
ALTER TABLE saved_payment_methods ADD COLUMN last4 TEXT;
ALTER TABLE saved_payment_methods ADD COLUMN exp_month INTEGER;
ALTER TABLE saved_payment_methods ADD COLUMN exp_year INTEGER;
ALTER TABLE saved_payment_methods ADD COLUMN failure_code TEXT;
-- The gateway's customer to whom the token belongs, or who saves it.
ALTER TABLE instruments ADD COLUMN customer_id TEXT;
ALTER TABLE payments ADD COLUMN customer_id TEXT;
