-- Pending verifications of email addresses, and notices to addresses that have an account. The
-- token in the mail is the id with a hash keyed with the server's secret; it cannot be derived from
-- this table.
CREATE TABLE verifications(
  verification_id BLOB NOT NULL PRIMARY KEY,
  purpose TEXT NOT NULL,
  email TEXT NOT NULL,
  email_folded TEXT NOT NULL,
  user_id BLOB,
  username TEXT,
  hashed_password TEXT,
  first_name TEXT,
  last_name TEXT,
  phone_number TEXT,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX verifications_email ON verifications(email_folded);
CREATE INDEX verifications_user ON verifications(user_id);
CREATE INDEX verifications_expiry ON verifications(expires_at);
