-- Browsers that receive push messages. The id is derived from the endpoint.
CREATE TABLE push_subscriptions(
  subscription_id UUID NOT NULL PRIMARY KEY,
  user_id UUID NOT NULL,
  endpoint TEXT NOT NULL,
  p256dh TEXT NOT NULL,
  auth TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  version BIGINT NOT NULL
);
CREATE INDEX push_subscriptions_user ON push_subscriptions(user_id);

-- What a provider of text messages has reported about a message. Append-only.
CREATE TABLE delivery_reports(
  report_id UUID NOT NULL PRIMARY KEY,
  notification_id UUID NOT NULL REFERENCES notifications(notification_id),
  provider TEXT NOT NULL,
  message_id TEXT NOT NULL,
  state TEXT NOT NULL CHECK(state IN ('Sent','Delivered','Undelivered','Failed')),
  error_code TEXT,
  reported_at BIGINT NOT NULL
);
CREATE INDEX delivery_reports_notification ON delivery_reports(notification_id);
CREATE TRIGGER delivery_reports_keep BEFORE UPDATE OR DELETE ON delivery_reports
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
