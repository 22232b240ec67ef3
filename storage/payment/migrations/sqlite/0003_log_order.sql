-- The number of a log row in its payment, whatever the clocks of the nodes that have written it, and
-- how many numbers the payment has given out. NULL in rows of earlier versions, which come first.
ALTER TABLE payment_logs ADD COLUMN seq INTEGER;
ALTER TABLE payments ADD COLUMN log_rows INTEGER NOT NULL DEFAULT 0;
