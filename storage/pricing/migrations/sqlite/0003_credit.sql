-- Gift cards and store credit. code_key: keyed hash of the code; the code itself is stored encrypted only.
CREATE TABLE credit_accounts(
  credit_account_id BLOB NOT NULL PRIMARY KEY,
  kind TEXT NOT NULL CHECK(kind IN ('gift_card','store_credit')),
  code_key TEXT UNIQUE,
  sealed_code TEXT,
  hint TEXT NOT NULL,
  user_id BLOB,
  currency TEXT NOT NULL,
  balance INTEGER NOT NULL CHECK(balance >= 0),
  status TEXT NOT NULL CHECK(status IN ('Active','Disabled')),
  expires_at INTEGER,
  note TEXT,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  version INTEGER NOT NULL,
  CHECK((kind = 'gift_card') = (code_key IS NOT NULL)),
  CHECK((kind = 'store_credit') = (user_id IS NOT NULL))
) WITHOUT ROWID;
CREATE UNIQUE INDEX credit_accounts_user ON credit_accounts(user_id, currency) WHERE user_id IS NOT NULL;
CREATE INDEX credit_accounts_kind ON credit_accounts(kind, credit_account_id);

-- The changes of the balances. Append-only.
CREATE TABLE credit_entries(
  credit_account_id BLOB NOT NULL REFERENCES credit_accounts(credit_account_id),
  credit_entry_id BLOB NOT NULL,
  amount INTEGER NOT NULL,
  balance INTEGER NOT NULL,
  cause TEXT NOT NULL CHECK(cause = 'issued' OR cause = 'adjusted' OR cause = 'redeemed' OR cause = 'returned'),
  order_id BLOB,
  note TEXT,
  actor TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY(credit_account_id, credit_entry_id)
) WITHOUT ROWID;
CREATE INDEX credit_entries_order ON credit_entries(order_id) WHERE order_id IS NOT NULL;

-- What an order has redeemed of an account; the deadline is that of a reservation.
CREATE TABLE credit_redemptions(
  order_id BLOB NOT NULL,
  credit_account_id BLOB NOT NULL,
  amount INTEGER NOT NULL CHECK(amount >= 0),
  status TEXT NOT NULL CHECK(status = 'Reserved' OR status = 'Redeemed' OR status = 'Released'),
  deadline INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY(order_id, credit_account_id)
) WITHOUT ROWID;
CREATE INDEX credit_redemptions_deadline ON credit_redemptions(deadline) WHERE status = 'Reserved';
CREATE INDEX credit_redemptions_account ON credit_redemptions(credit_account_id, order_id);
