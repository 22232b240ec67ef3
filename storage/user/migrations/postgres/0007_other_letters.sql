-- Users whose email addresses are not plain ASCII: each start recomputes their keys, because a node
-- of an earlier version may have registered them during a rolling upgrade.
CREATE INDEX users_other_letters ON users(user_id) WHERE octet_length(email) <> length(email);
CREATE VIEW other_letters AS
  SELECT user_id, email, email_folded FROM users WHERE octet_length(email) <> length(email);
