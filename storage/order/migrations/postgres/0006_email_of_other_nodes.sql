-- A node of the version before, which runs on during a rolling upgrade, stores orders without email_folded. They are
-- found in any ASCII case, as those that were stored before.
CREATE FUNCTION fold_order_email() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.email_folded := lower(NEW.email);
  RETURN NEW;
END $$;
CREATE TRIGGER orders_fold_email BEFORE INSERT ON orders
  FOR EACH ROW WHEN (NEW.email_folded = '') EXECUTE FUNCTION fold_order_email();
UPDATE orders SET email_folded = lower(email) WHERE email_folded = '';
