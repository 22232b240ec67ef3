-- Email addresses are compared by a new key. The program recomputes the keys of these users; those
-- of plain ASCII addresses are unchanged.
CREATE TABLE outdated_mail_keys(
  user_id UUID NOT NULL PRIMARY KEY,
  taken_by UUID,
  reported SMALLINT NOT NULL
);
INSERT INTO outdated_mail_keys SELECT user_id, NULL, 0 FROM users WHERE octet_length(email) <> length(email);
