-- Categories have handles. Earlier handles of categories and collections lead to them; those of
-- products are in product_redirects.
ALTER TABLE categories ADD COLUMN handle TEXT;
CREATE UNIQUE INDEX categories_handle ON categories(handle);
CREATE TABLE resource_redirects(
  handle TEXT NOT NULL,
  kind TEXT NOT NULL CHECK(kind = 'category' OR kind = 'collection'),
  resource_id BLOB NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY(handle, kind)
) WITHOUT ROWID;
CREATE INDEX resource_redirects_resource ON resource_redirects(resource_id);

-- Who has, or had, a handle.
CREATE VIEW handle_use AS
  SELECT handle, 'product' AS kind, product_id AS resource_id FROM products
    WHERE handle IS NOT NULL
  UNION ALL SELECT handle, 'product_earlier', product_id FROM product_redirects
  UNION ALL SELECT handle, 'category', category_id FROM categories WHERE handle IS NOT NULL
  UNION ALL SELECT handle, 'collection', collection_id FROM collections WHERE handle IS NOT NULL
  UNION ALL SELECT handle, kind || '_earlier', resource_id FROM resource_redirects;

-- The sweep gives these a handle.
CREATE INDEX products_without_handle ON products(product_id)
  WHERE handle IS NULL AND parent_product_id IS NULL AND status <> 'Deleted';

-- How the names and values of facets are shown in other languages. label_key is the facet, a line
-- feed, and the folded value; without a value it is the name of the facet. `words` are the search
-- words of the label.
CREATE TABLE label_translations(
  locale TEXT NOT NULL,
  label_key TEXT NOT NULL,
  label TEXT NOT NULL,
  words TEXT NOT NULL,
  PRIMARY KEY(locale, label_key)
) WITHOUT ROWID;
CREATE INDEX label_translations_key ON label_translations(label_key);
CREATE VIEW label_locales AS
  SELECT 0 AS list, locale, count(*) AS labels FROM label_translations GROUP BY locale;

-- The search words of the translated labels of a product.
CREATE VIEW product_label_words AS
  SELECT p.product_id AS product_id,
         (SELECT group_concat(l.words, ' ') FROM product_facets f
            JOIN label_translations l ON l.label_key = f.facet || char(10) || f.value
            WHERE f.product_id = p.product_id) AS words
  FROM products p;

-- The program inserts the values whose labels have changed, as a JSON list of [facet, value]: their
-- products are queued for indexing and, if there is one, for the search engine.
CREATE VIEW changed_labels AS SELECT '[]' AS list FROM label_translations;
CREATE TRIGGER changed_labels_insert INSTEAD OF INSERT ON changed_labels BEGIN
  INSERT INTO search_queue(product_id)
    SELECT DISTINCT f.product_id FROM json_each(new.list) AS k CROSS JOIN product_facets f
    WHERE f.facet = json_extract(k.value, '$[0]') AND f.value = json_extract(k.value, '$[1]')
    ON CONFLICT DO NOTHING;
  UPDATE engine_clock SET last_change =
    max(last_change + 1, CAST(strftime('%s', 'now') AS INTEGER) * 1000000)
    WHERE slot = 1 AND active = 1;
  INSERT INTO engine_queue(product_id, change)
    SELECT DISTINCT f.product_id, c.last_change FROM engine_clock c
      CROSS JOIN json_each(new.list) AS k CROSS JOIN product_facets f
    WHERE c.active = 1
      AND f.facet = json_extract(k.value, '$[0]') AND f.value = json_extract(k.value, '$[1]')
    ON CONFLICT(product_id) DO UPDATE SET change = excluded.change;
END;
