-- Categories have handles. Earlier handles of categories and collections lead to them; those of
-- products are in product_redirects.
ALTER TABLE categories ADD COLUMN handle TEXT COLLATE "C";
CREATE UNIQUE INDEX categories_handle ON categories(handle);
CREATE TABLE resource_redirects(
  handle TEXT COLLATE "C" NOT NULL,
  kind TEXT COLLATE "C" NOT NULL CHECK(kind = 'category' OR kind = 'collection'),
  resource_id UUID NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY(handle, kind)
);
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
  locale TEXT COLLATE "C" NOT NULL,
  label_key TEXT COLLATE "C" NOT NULL,
  label TEXT NOT NULL,
  words TEXT NOT NULL,
  PRIMARY KEY(locale, label_key)
);
CREATE INDEX label_translations_key ON label_translations(label_key);
CREATE VIEW label_locales AS
  SELECT CAST(0 AS BIGINT) AS list, locale, count(*) AS labels FROM label_translations GROUP BY locale;

-- The search words of the translated labels of a product.
CREATE VIEW product_label_words AS
  SELECT p.product_id AS product_id,
         (SELECT string_agg(l.words, ' ') FROM product_facets f
            JOIN label_translations l ON l.label_key = f.facet || chr(10) || f.value
            WHERE f.product_id = p.product_id) AS words
  FROM products p;

-- The program inserts the values whose labels have changed, as a JSON list of [facet, value]: their
-- products are queued for indexing and, if there is one, for the search engine.
CREATE VIEW changed_labels AS SELECT '[]' AS list FROM label_translations;
CREATE FUNCTION queue_changed_labels() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO search_queue(product_id)
    SELECT DISTINCT f.product_id FROM jsonb_array_elements(new.list::jsonb) AS k(item)
      JOIN product_facets f ON f.facet = k.item->>0 AND f.value = k.item->>1
    ON CONFLICT DO NOTHING;
  UPDATE engine_clock SET last_change =
    greatest(last_change + 1, floor(extract(epoch FROM clock_timestamp()))::bigint * 1000000)
    WHERE slot = 1 AND active = 1;
  INSERT INTO engine_queue(product_id, change)
    SELECT DISTINCT f.product_id, c.last_change FROM engine_clock c
      CROSS JOIN jsonb_array_elements(new.list::jsonb) AS k(item)
      JOIN product_facets f ON f.facet = k.item->>0 AND f.value = k.item->>1
    WHERE c.active = 1
    ON CONFLICT(product_id) DO UPDATE SET change = excluded.change;
  RETURN new;
END $$;
CREATE TRIGGER changed_labels_insert INSTEAD OF INSERT ON changed_labels
  FOR EACH ROW EXECUTE FUNCTION queue_changed_labels();
