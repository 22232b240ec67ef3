-- As JSON: the promotions whose uses the order reserves, and the chosen shipping method; NULL for none.
-- waiting_instrument: the payment instrument to charge, while the redemptions are not reserved yet.
ALTER TABLE orders ADD COLUMN redemptions TEXT;
ALTER TABLE orders ADD COLUMN shipping_method TEXT;
ALTER TABLE orders ADD COLUMN waiting_instrument UUID;
