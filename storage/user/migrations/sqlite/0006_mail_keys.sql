-- Email addresses are compared by a new key. The program recomputes the keys of these users; those
-- of plain ASCII addresses are unchanged.
CREATE TABLE outdated_mail_keys(
  user_id BLOB NOT NULL PRIMARY KEY,
  taken_by BLOB,
  reported INTEGER NOT NULL
) WITHOUT ROWID;
INSERT INTO outdated_mail_keys SELECT user_id, NULL, 0 FROM users WHERE email GLOB '*[^ -~]*';
