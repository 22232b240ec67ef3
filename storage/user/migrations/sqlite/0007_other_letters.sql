-- Users whose email addresses are not plain ASCII: each start recomputes their keys, because an
-- earlier version may have registered them.
CREATE INDEX users_other_letters ON users(user_id) WHERE email GLOB '*[^ -~]*';
CREATE VIEW other_letters AS
  SELECT user_id, email, email_folded FROM users WHERE email GLOB '*[^ -~]*';
