-- What the order pays with gift cards and store credit, as JSON, and its sum in minor units. The payment is the rest of
-- total_amount.
ALTER TABLE orders ADD COLUMN credits TEXT;
ALTER TABLE orders ADD COLUMN credit_total INTEGER NOT NULL DEFAULT 0;
