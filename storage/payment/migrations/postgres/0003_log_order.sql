-- The number of a log row in its payment, whatever the clocks of the nodes that have written it, and
-- how many numbers the payment has given out. NULL in rows of earlier versions, which come first. A
-- node of the version before, which runs on during a rolling upgrade, does not number its rows; of two
-- with one number the ids decide.
ALTER TABLE payment_logs ADD COLUMN seq BIGINT;
ALTER TABLE payments ADD COLUMN log_rows BIGINT NOT NULL DEFAULT 0;
CREATE FUNCTION number_payment_log() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.seq := (SELECT coalesce(max(seq), 0) + 1 FROM payment_logs WHERE payment_id = NEW.payment_id);
  RETURN NEW;
END $$;
CREATE TRIGGER payment_logs_number BEFORE INSERT ON payment_logs
  FOR EACH ROW WHEN (NEW.seq IS NULL) EXECUTE FUNCTION number_payment_log();
