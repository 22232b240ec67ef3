-- Whether a product in lists is in stock: it, or one of its variants, can be bought. Changes of
-- `inventory` keep it; most of them do not change it.
ALTER TABLE products ADD COLUMN in_stock SMALLINT NOT NULL DEFAULT 0 CHECK(in_stock IN (0,1));

CREATE VIEW listed_stock AS
  SELECT p.product_id AS product_id,
         CASE WHEN EXISTS(SELECT 1 FROM inventory s WHERE s.product_id = p.product_id
                          AND s.sellable = 1 AND (s.inventory_count > 0 OR s.available_min IS NULL))
           OR EXISTS(SELECT 1 FROM products v JOIN inventory s ON s.product_id = v.product_id
                     WHERE v.parent_product_id = p.product_id AND s.sellable = 1
                     AND (s.inventory_count > 0 OR s.available_min IS NULL))
           THEN 1 ELSE 0 END AS in_stock
  FROM products p WHERE p.parent_product_id IS NULL;
UPDATE products p SET in_stock = l.in_stock FROM listed_stock l WHERE l.product_id = p.product_id;

CREATE FUNCTION keep_listed_stock(changed UUID) RETURNS void LANGUAGE sql AS $$
  UPDATE products p SET in_stock = l.in_stock FROM listed_stock l
    WHERE p.product_id = (SELECT coalesce(c.parent_product_id, c.product_id) FROM products c
                          WHERE c.product_id = changed)
      AND l.product_id = p.product_id AND p.in_stock <> l.in_stock;
$$;
CREATE FUNCTION inventory_stock_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM keep_listed_stock(CASE WHEN tg_op = 'DELETE' THEN old.product_id ELSE new.product_id END);
  RETURN NULL;
END $$;
CREATE TRIGGER inventory_added AFTER INSERT ON inventory FOR EACH ROW
  WHEN (new.sellable = 1 AND (new.on_hand > new.reserved OR new.available_min IS NULL))
  EXECUTE FUNCTION inventory_stock_changed();
CREATE TRIGGER inventory_changed AFTER UPDATE ON inventory FOR EACH ROW
  WHEN ((old.sellable = 1 AND (old.on_hand > old.reserved OR old.available_min IS NULL))
        <> (new.sellable = 1 AND (new.on_hand > new.reserved OR new.available_min IS NULL)))
  EXECUTE FUNCTION inventory_stock_changed();
CREATE TRIGGER inventory_removed AFTER DELETE ON inventory FOR EACH ROW
  WHEN (old.sellable = 1 AND (old.on_hand > old.reserved OR old.available_min IS NULL))
  EXECUTE FUNCTION inventory_stock_changed();

CREATE INDEX products_stock ON products(in_stock) WHERE parent_product_id IS NULL;
