-- Whether a product in lists is in stock: it, or one of its variants, can be bought. Changes of
-- `inventory` keep it; most of them do not change it.
ALTER TABLE products ADD COLUMN in_stock INTEGER NOT NULL DEFAULT 0 CHECK(in_stock IN (0,1));

CREATE VIEW listed_stock AS
  SELECT p.product_id AS product_id,
         EXISTS(SELECT 1 FROM inventory s WHERE s.product_id = p.product_id AND s.sellable = 1
                AND (s.inventory_count > 0 OR s.available_min IS NULL))
         OR EXISTS(SELECT 1 FROM products v JOIN inventory s ON s.product_id = v.product_id
                   WHERE v.parent_product_id = p.product_id AND s.sellable = 1
                   AND (s.inventory_count > 0 OR s.available_min IS NULL)) AS in_stock
  FROM products p WHERE p.parent_product_id IS NULL;
UPDATE products SET in_stock =
    (SELECT l.in_stock FROM listed_stock l WHERE l.product_id = products.product_id)
  WHERE parent_product_id IS NULL;

CREATE TRIGGER inventory_added AFTER INSERT ON inventory
  WHEN new.sellable = 1 AND (new.inventory_count > 0 OR new.available_min IS NULL) BEGIN
  UPDATE products SET in_stock = 1 WHERE in_stock = 0 AND product_id =
    (SELECT coalesce(p.parent_product_id, p.product_id) FROM products p
     WHERE p.product_id = new.product_id);
END;
CREATE TRIGGER inventory_changed AFTER UPDATE ON inventory
  WHEN (old.sellable = 1 AND (old.inventory_count > 0 OR old.available_min IS NULL))
       <> (new.sellable = 1 AND (new.inventory_count > 0 OR new.available_min IS NULL)) BEGIN
  UPDATE products SET in_stock =
      (SELECT l.in_stock FROM listed_stock l WHERE l.product_id = products.product_id)
    WHERE product_id = (SELECT coalesce(p.parent_product_id, p.product_id) FROM products p
                        WHERE p.product_id = new.product_id);
END;
CREATE TRIGGER inventory_removed AFTER DELETE ON inventory
  WHEN old.sellable = 1 AND (old.inventory_count > 0 OR old.available_min IS NULL) BEGIN
  UPDATE products SET in_stock =
      (SELECT l.in_stock FROM listed_stock l WHERE l.product_id = products.product_id)
    WHERE product_id = (SELECT coalesce(p.parent_product_id, p.product_id) FROM products p
                        WHERE p.product_id = old.product_id);
END;

-- A list reads only the index of its order: it contains the columns of the filters.
DROP INDEX products_newest;
DROP INDEX products_price;
DROP INDEX products_name;
DROP INDEX products_updated;
CREATE INDEX products_newest ON products(created_at, product_id, status, list_price, in_stock,
  category_id) WHERE parent_product_id IS NULL;
CREATE INDEX products_price ON products(list_price, product_id, status, in_stock, category_id)
  WHERE parent_product_id IS NULL;
CREATE INDEX products_name ON products(sort_name, product_id, status, list_price, in_stock,
  category_id) WHERE parent_product_id IS NULL;
CREATE INDEX products_updated ON products(updated_at, product_id, status, list_price, in_stock,
  category_id) WHERE parent_product_id IS NULL;
CREATE INDEX products_stock ON products(in_stock) WHERE parent_product_id IS NULL;
