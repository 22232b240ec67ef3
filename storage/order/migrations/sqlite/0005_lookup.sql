-- Lookup by number (storage/base/order_number.hpp) and mail address, and the integrator's metadata.
ALTER TABLE orders ADD COLUMN number TEXT GENERATED ALWAYS AS (hex(substr(order_id, 11))) VIRTUAL;
CREATE UNIQUE INDEX orders_number ON orders(number);
-- As accounts compare addresses. What is stored already is brought to lower case, which is the same
-- for all but rare addresses.
ALTER TABLE orders ADD COLUMN email_folded TEXT NOT NULL DEFAULT '';
UPDATE orders SET email_folded = lower(email);
CREATE INDEX orders_email ON orders(email_folded, order_id);
ALTER TABLE orders ADD COLUMN metadata TEXT NOT NULL DEFAULT '{}';
