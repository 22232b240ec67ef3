-- For releasing the holds of a product that is taken off sale.
CREATE INDEX stock_holds_product ON stock_holds(product_id);
