-- Lookup by number (storage/base/order_number.hpp) and mail address, and the integrator's metadata.
ALTER TABLE orders ADD COLUMN number TEXT COLLATE "C"
  GENERATED ALWAYS AS (upper(right(replace(order_id::text, '-', ''), 12))) STORED;
CREATE UNIQUE INDEX orders_number ON orders(number);
-- As accounts compare addresses. What is stored already is brought to lower case, which is the same
-- for all but rare addresses.
ALTER TABLE orders ADD COLUMN email_folded TEXT COLLATE "C" NOT NULL DEFAULT '';
UPDATE orders SET email_folded = lower(email);
CREATE INDEX orders_email ON orders(email_folded, order_id);
ALTER TABLE orders ADD COLUMN metadata TEXT NOT NULL DEFAULT '{}';
