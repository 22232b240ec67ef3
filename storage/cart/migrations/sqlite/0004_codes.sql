-- The codes of promotions that the customer has entered, as a JSON list.
ALTER TABLE carts ADD COLUMN codes TEXT NOT NULL DEFAULT '[]';
