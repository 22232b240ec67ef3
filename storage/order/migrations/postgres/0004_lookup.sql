-- Lookup by number (storage/base/order_number.hpp) and mail address, and the integrator's metadata.
-- The number is set by a trigger: a stored generated column would rewrite the table, and the version
-- before, which runs on, would find it empty in transactions that began before.
ALTER TABLE orders ADD COLUMN number TEXT COLLATE "C";
CREATE FUNCTION set_order_number() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.number := upper(right(replace(NEW.order_id::text, '-', ''), 12));
  RETURN NEW;
END $$;
CREATE TRIGGER orders_set_number BEFORE INSERT ON orders
  FOR EACH ROW EXECUTE FUNCTION set_order_number();
-- As accounts compare addresses. What is stored already is brought to lower case, which is the same
-- for all but rare addresses.
ALTER TABLE orders ADD COLUMN email_folded TEXT COLLATE "C" NOT NULL DEFAULT '';
UPDATE orders SET number = upper(right(replace(order_id::text, '-', ''), 12)),
  email_folded = lower(email);
CREATE UNIQUE INDEX orders_number ON orders(number);
CREATE INDEX orders_email ON orders(email_folded, order_id);
ALTER TABLE orders ADD COLUMN metadata TEXT NOT NULL DEFAULT '{}';
