-- Users whose mail addresses are not plain ASCII: each start computes their keys again, because an earlier version
-- may have registered them.
CREATE INDEX users_other_letters ON users(user_id) WHERE email GLOB '*[^ -~]*';
CREATE VIEW other_letters AS
  SELECT user_id, email, email_folded FROM users WHERE email GLOB '*[^ -~]*';
