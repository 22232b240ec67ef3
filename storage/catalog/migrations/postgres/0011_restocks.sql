-- The units of a sale that refunds have returned to the stock: a list of refund and quantity.
ALTER TABLE reservations ADD COLUMN restocks TEXT NOT NULL DEFAULT '[]';
