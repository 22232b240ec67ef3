-- Consents of users to receive marketing by email. A withdrawn one is kept as proof.
CREATE TABLE marketing_consents(
  user_id BLOB NOT NULL PRIMARY KEY,
  email TEXT NOT NULL,
  locale TEXT,
  given_at INTEGER NOT NULL,
  withdrawn_at INTEGER,
  withdrawn_by TEXT CHECK(withdrawn_by = 'account' OR withdrawn_by = 'unsubscribe_link'),
  version INTEGER NOT NULL,
  CHECK((withdrawn_at IS NULL) = (withdrawn_by IS NULL))
) WITHOUT ROWID;

-- Announcements of staff to these users, and how far they are.
CREATE TABLE announcements(
  announcement_id BLOB NOT NULL PRIMARY KEY,
  status TEXT NOT NULL CHECK(status = 'Sending' OR status = 'Finished' OR status = 'Cancelled'),
  texts TEXT NOT NULL,
  created_by TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  finished_at INTEGER,
  last_user_id BLOB,
  created INTEGER NOT NULL CHECK(created >= 0),
  version INTEGER NOT NULL,
  CHECK((status = 'Sending') = (finished_at IS NULL))
);
CREATE INDEX announcements_sending ON announcements(announcement_id) WHERE status = 'Sending';

ALTER TABLE notifications ADD COLUMN announcement_id BLOB;
CREATE INDEX notifications_announcement ON notifications(announcement_id, status)
  WHERE announcement_id IS NOT NULL;
