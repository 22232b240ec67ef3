-- Notifications that staff sent again: of which one, and who.
ALTER TABLE notifications ADD COLUMN resend_of BLOB;
ALTER TABLE notifications ADD COLUMN requested_by TEXT;
CREATE INDEX notifications_order ON notifications(order_id) WHERE order_id IS NOT NULL;

-- Categories that recipients have switched off. The owner is user:ID or address:KEY, the
-- choice CATEGORY/CHANNEL.
CREATE TABLE notification_opt_outs(
  owner TEXT NOT NULL,
  choice TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY(owner, choice)
) WITHOUT ROWID;

-- Notifications that were not created for that reason.
CREATE TABLE suppressed_notifications(
  order_id BLOB NOT NULL,
  template_name TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY(order_id, template_name)
) WITHOUT ROWID;
