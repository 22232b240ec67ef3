-- Mail addresses are compared by another key now. The program makes the keys of these users anew; those of
-- plain ASCII addresses are the same as before.
CREATE TABLE old_mail_keys(
  user_id BLOB NOT NULL PRIMARY KEY,
  taken_by BLOB,
  reported INTEGER NOT NULL
) WITHOUT ROWID;
INSERT INTO old_mail_keys SELECT user_id, NULL, 0 FROM users WHERE email GLOB '*[^ -~]*';
