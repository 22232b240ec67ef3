-- Instruments are stored, encrypted, before the order is placed; orders and events carry their ids.
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

-- Tokens in plain text are dropped. A charge that is open at this moment is settled by its
-- cancellation.
ALTER TABLE payments RENAME COLUMN token TO sealed_token;
ALTER TABLE payments ADD COLUMN token_hint TEXT NOT NULL DEFAULT '';
UPDATE payments SET sealed_token = '';
