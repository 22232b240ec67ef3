CREATE TABLE notifications(
  notification_id BLOB NOT NULL PRIMARY KEY,
  user_id BLOB,
  order_id BLOB,
  type TEXT NOT NULL CHECK(type IN ('Email','SMS','Push')),
  recipient TEXT NOT NULL,
  subject TEXT NOT NULL,
  message TEXT NOT NULL,
  html TEXT NOT NULL,
  template_name TEXT NOT NULL,
  status TEXT NOT NULL CHECK(status IN ('Pending','Sent','Failed')),
  attempts INTEGER NOT NULL CHECK(attempts >= 0),
  next_attempt_at INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  sent_at INTEGER,
  version INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX notifications_user ON notifications(user_id, notification_id) WHERE user_id IS NOT NULL;
CREATE INDEX notifications_status ON notifications(status, notification_id);
CREATE INDEX notifications_open ON notifications(next_attempt_at) WHERE status = 'Pending';

-- The result of each attempt. Append-only.
CREATE TABLE notification_logs(
  log_id BLOB NOT NULL PRIMARY KEY,
  notification_id BLOB NOT NULL REFERENCES notifications(notification_id),
  status TEXT NOT NULL CHECK(status IN ('Pending','Sent','Failed')),
  error_message TEXT,
  logged_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX notification_logs_notification ON notification_logs(notification_id);
CREATE TRIGGER notification_logs_keep BEFORE UPDATE ON notification_logs
BEGIN SELECT RAISE(ABORT, 'notification_logs is append-only'); END;
CREATE TRIGGER notification_logs_stay BEFORE DELETE ON notification_logs
BEGIN SELECT RAISE(ABORT, 'notification_logs is append-only'); END;
