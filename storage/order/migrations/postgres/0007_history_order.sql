-- The number of a change in its order: the history's order does not follow from times or ids, which
-- come from the clocks of several nodes. NULL in rows of earlier versions, which come first. A node of
-- the version before, which runs on during a rolling upgrade, does not number its rows.
ALTER TABLE order_status_history ADD COLUMN seq BIGINT;
CREATE FUNCTION number_order_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.seq := (SELECT count(*) + 1 FROM order_status_history WHERE order_id = NEW.order_id);
  RETURN NEW;
END $$;
CREATE TRIGGER order_status_history_number BEFORE INSERT ON order_status_history
  FOR EACH ROW WHEN (NEW.seq IS NULL) EXECUTE FUNCTION number_order_history();
