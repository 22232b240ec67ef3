-- Payment methods that users have saved, with the gateway's token, encrypted. expires_at: only of one whose payment is
-- undecided; it is NULL once the payment was approved.
CREATE TABLE saved_payment_methods(
  payment_method_id BLOB NOT NULL PRIMARY KEY,
  user_id BLOB NOT NULL,
  payment_method TEXT NOT NULL,
  gateway TEXT NOT NULL,
  sealed_token TEXT NOT NULL,
  token_hint TEXT NOT NULL,
  is_default INTEGER NOT NULL CHECK(is_default = 0 OR is_default = 1),
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  expires_at INTEGER,
  version INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX saved_payment_methods_user ON saved_payment_methods(user_id);
CREATE INDEX saved_payment_methods_expiry ON saved_payment_methods(expires_at) WHERE expires_at IS NOT NULL;
-- The saved method that an approved payment completes.
ALTER TABLE instruments ADD COLUMN saved_as BLOB;
ALTER TABLE payments ADD COLUMN saved_as BLOB;
