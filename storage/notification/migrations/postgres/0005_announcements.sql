-- Consents of users to receive marketing by email. A withdrawn one is kept as proof.
CREATE TABLE marketing_consents(
  user_id UUID NOT NULL PRIMARY KEY,
  email TEXT NOT NULL,
  locale TEXT,
  given_at BIGINT NOT NULL,
  withdrawn_at BIGINT,
  withdrawn_by TEXT CHECK(withdrawn_by IN ('account','unsubscribe_link')),
  version BIGINT NOT NULL,
  CHECK((withdrawn_at IS NULL) = (withdrawn_by IS NULL))
);

-- Announcements of staff to these users, and how far they are.
CREATE TABLE announcements(
  announcement_id UUID NOT NULL PRIMARY KEY,
  status TEXT COLLATE "C" NOT NULL CHECK(status IN ('Sending','Finished','Cancelled')),
  texts TEXT NOT NULL,
  created_by TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  finished_at BIGINT,
  last_user_id UUID,
  created BIGINT NOT NULL CHECK(created >= 0),
  version BIGINT NOT NULL,
  CHECK((status = 'Sending') = (finished_at IS NULL))
);
CREATE INDEX announcements_sending ON announcements(announcement_id) WHERE status = 'Sending';

ALTER TABLE notifications ADD COLUMN announcement_id UUID;
CREATE INDEX notifications_announcement ON notifications(announcement_id, status)
  WHERE announcement_id IS NOT NULL;
