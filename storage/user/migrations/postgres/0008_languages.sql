-- The user's language (BCP 47), for emails.
ALTER TABLE users ADD COLUMN locale TEXT;
ALTER TABLE verifications ADD COLUMN locale TEXT;
