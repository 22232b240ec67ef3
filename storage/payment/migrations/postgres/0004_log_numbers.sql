-- A log row of a node of an earlier version is counted too: else the next node that numbers its rows gives
-- out the same numbers again, and the log is out of order. The greatest number counts as well: for rows that
-- were added before this.
CREATE OR REPLACE FUNCTION number_payment_log() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE payments SET log_rows = 1 + greatest(log_rows,
      (SELECT max(seq) FROM payment_logs WHERE payment_id = NEW.payment_id))
    WHERE payment_id = NEW.payment_id RETURNING log_rows INTO NEW.seq;
  RETURN NEW;
END $$;
