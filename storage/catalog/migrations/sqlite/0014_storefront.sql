-- What a storefront shows: vendor and tags come from `attributes`. A product becomes Active at
-- publish_at and Archived at archive_at.
ALTER TABLE products ADD COLUMN vendor TEXT NOT NULL DEFAULT '';
ALTER TABLE products ADD COLUMN tags TEXT NOT NULL DEFAULT '[]';
ALTER TABLE products ADD COLUMN publish_at INTEGER;
ALTER TABLE products ADD COLUMN archive_at INTEGER;
CREATE INDEX products_publish_at ON products(publish_at) WHERE publish_at IS NOT NULL;
CREATE INDEX products_archive_at ON products(archive_at) WHERE archive_at IS NOT NULL;

-- The values of products in lists by which customers filter: of a product's facet, the folded value
-- (`value`) and how it is shown (`label`); `name` is how the facet is shown.
CREATE TABLE product_facets(
  facet TEXT NOT NULL,
  value TEXT NOT NULL,
  product_id BLOB NOT NULL,
  name TEXT NOT NULL,
  label TEXT NOT NULL,
  PRIMARY KEY(facet, value, product_id)
) WITHOUT ROWID;
CREATE INDEX product_facets_product ON product_facets(product_id, facet, value);

-- The program inserts all facets of a product into this view, as a JSON list of
-- [facet, value, name, label].
CREATE VIEW product_facet_lists AS SELECT product_id, '[]' AS facets FROM product_facets;
CREATE TRIGGER product_facet_lists_insert INSTEAD OF INSERT ON product_facet_lists BEGIN
  DELETE FROM product_facets WHERE product_id = new.product_id;
  INSERT INTO product_facets(facet, value, product_id, name, label)
    SELECT json_extract(f.value, '$[0]'), json_extract(f.value, '$[1]'), new.product_id,
           json_extract(f.value, '$[2]'), json_extract(f.value, '$[3]')
    FROM json_each(new.facets) AS f WHERE true
    ON CONFLICT DO NOTHING;
END;

-- Earlier handles of products.
CREATE TABLE product_redirects(
  handle TEXT NOT NULL PRIMARY KEY,
  product_id BLOB NOT NULL REFERENCES products(product_id),
  created_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX product_redirects_product ON product_redirects(product_id);

-- The status Archived; see 0013_conditions.sql.
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(sql,
    'status = ''Draft'' OR status = ''Active'' OR status = ''Deleted''',
    'status = ''Draft'' OR status = ''Active'' OR status = ''Archived'' OR status = ''Deleted''')
  WHERE type = 'table' AND name = 'products';
PRAGMA writable_schema = RESET;
CREATE TABLE schema_change(one INTEGER);
DROP TABLE schema_change;
