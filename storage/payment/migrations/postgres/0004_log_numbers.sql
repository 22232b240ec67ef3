-- A log row of a node of an earlier version is counted too: else the next node that numbers its rows gives
-- out the same numbers again, and the log is out of order.
CREATE OR REPLACE FUNCTION number_payment_log() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE payments SET log_rows = log_rows + 1 WHERE payment_id = NEW.payment_id
    RETURNING log_rows INTO NEW.seq;
  RETURN NEW;
END $$;
