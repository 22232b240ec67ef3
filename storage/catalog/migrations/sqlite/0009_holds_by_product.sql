-- A product that is taken off sale releases what is held of it.
CREATE INDEX stock_holds_product ON stock_holds(product_id);
