-- A notification is longer than a quarter of a page: in a table WITHOUT ROWID each has a separate
-- overflow page, 4.7 KB for 1.4. The tables that refer to it are recreated with it, because a
-- table that others refer to cannot be dropped.
CREATE TABLE notifications_next(
  notification_id BLOB NOT NULL PRIMARY KEY,
  user_id BLOB,
  order_id BLOB,
  type TEXT NOT NULL CHECK(type = 'Email' OR type = 'SMS' OR type = 'Push'),
  recipient TEXT NOT NULL,
  subject TEXT NOT NULL,
  message TEXT NOT NULL,
  html TEXT NOT NULL,
  template_name TEXT NOT NULL,
  status TEXT NOT NULL CHECK(status = 'Pending' OR status = 'Sent' OR status = 'Failed'),
  attempts INTEGER NOT NULL CHECK(attempts >= 0),
  next_attempt_at INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  sent_at INTEGER,
  version INTEGER NOT NULL,
  resend_of BLOB,
  requested_by TEXT
);
INSERT INTO notifications_next SELECT notification_id, user_id, order_id, type, recipient, subject,
    message, html, template_name, status, attempts, next_attempt_at, created_at, sent_at, version,
    resend_of, requested_by
  FROM notifications ORDER BY notification_id;

CREATE TABLE notification_logs_next(
  log_id BLOB NOT NULL PRIMARY KEY,
  notification_id BLOB NOT NULL REFERENCES notifications_next(notification_id),
  status TEXT NOT NULL CHECK(status = 'Pending' OR status = 'Sent' OR status = 'Failed'),
  error_message TEXT,
  logged_at INTEGER NOT NULL
) WITHOUT ROWID;
INSERT INTO notification_logs_next SELECT log_id, notification_id, status, error_message, logged_at
  FROM notification_logs;

CREATE TABLE delivery_reports_next(
  report_id BLOB NOT NULL PRIMARY KEY,
  notification_id BLOB NOT NULL REFERENCES notifications_next(notification_id),
  provider TEXT NOT NULL,
  message_id TEXT NOT NULL,
  state TEXT NOT NULL CHECK(state = 'Sent' OR state = 'Delivered' OR state = 'Undelivered'
                            OR state = 'Failed'),
  error_code TEXT,
  reported_at INTEGER NOT NULL
) WITHOUT ROWID;
INSERT INTO delivery_reports_next SELECT report_id, notification_id, provider, message_id, state,
    error_code, reported_at
  FROM delivery_reports;

DROP TABLE delivery_reports;
DROP TABLE notification_logs;
DROP TABLE notifications;
ALTER TABLE notifications_next RENAME TO notifications;
ALTER TABLE notification_logs_next RENAME TO notification_logs;
ALTER TABLE delivery_reports_next RENAME TO delivery_reports;

CREATE INDEX notifications_user ON notifications(user_id, notification_id) WHERE user_id IS NOT NULL;
CREATE INDEX notifications_status ON notifications(status, notification_id);
CREATE INDEX notifications_open ON notifications(next_attempt_at) WHERE status = 'Pending';
CREATE INDEX notifications_order ON notifications(order_id) WHERE order_id IS NOT NULL;
CREATE INDEX notification_logs_notification ON notification_logs(notification_id);
CREATE TRIGGER notification_logs_keep BEFORE UPDATE ON notification_logs
BEGIN SELECT RAISE(ABORT, 'notification_logs is append-only'); END;
CREATE TRIGGER notification_logs_stay BEFORE DELETE ON notification_logs
BEGIN SELECT RAISE(ABORT, 'notification_logs is append-only'); END;
CREATE INDEX delivery_reports_notification ON delivery_reports(notification_id);
CREATE TRIGGER delivery_reports_keep BEFORE UPDATE ON delivery_reports
BEGIN SELECT RAISE(ABORT, 'delivery_reports is append-only'); END;
CREATE TRIGGER delivery_reports_stay BEFORE DELETE ON delivery_reports
BEGIN SELECT RAISE(ABORT, 'delivery_reports is append-only'); END;
