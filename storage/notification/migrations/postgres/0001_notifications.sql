CREATE TABLE notifications(
  notification_id UUID NOT NULL PRIMARY KEY,
  user_id UUID,
  order_id UUID,
  type TEXT NOT NULL CHECK(type IN ('Email','SMS','Push')),
  recipient TEXT NOT NULL,
  subject TEXT NOT NULL,
  message TEXT NOT NULL,
  html TEXT NOT NULL,
  template_name TEXT NOT NULL,
  status TEXT COLLATE "C" NOT NULL CHECK(status IN ('Pending','Sent','Failed')),
  attempts BIGINT NOT NULL CHECK(attempts >= 0),
  next_attempt_at BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  sent_at BIGINT,
  version BIGINT NOT NULL
) WITH (fillfactor = 80);
CREATE INDEX notifications_user ON notifications(user_id, notification_id) WHERE user_id IS NOT NULL;
CREATE INDEX notifications_status ON notifications(status, notification_id);
CREATE INDEX notifications_open ON notifications(next_attempt_at, notification_id) WHERE status = 'Pending';

-- The result of each attempt. Append-only.
CREATE TABLE notification_logs(
  log_id UUID NOT NULL PRIMARY KEY,
  notification_id UUID NOT NULL REFERENCES notifications(notification_id),
  status TEXT NOT NULL CHECK(status IN ('Pending','Sent','Failed')),
  error_message TEXT,
  logged_at BIGINT NOT NULL
);
CREATE INDEX notification_logs_notification ON notification_logs(notification_id);
CREATE TRIGGER notification_logs_keep BEFORE UPDATE OR DELETE ON notification_logs
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
