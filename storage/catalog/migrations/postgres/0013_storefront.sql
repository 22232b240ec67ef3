-- What a storefront shows: vendor and tags come from `attributes`. A product becomes Active at
-- publish_at and Archived at archive_at.
ALTER TABLE products ADD COLUMN vendor TEXT NOT NULL DEFAULT '';
ALTER TABLE products ADD COLUMN tags TEXT NOT NULL DEFAULT '[]';
ALTER TABLE products ADD COLUMN publish_at BIGINT;
ALTER TABLE products ADD COLUMN archive_at BIGINT;
CREATE INDEX products_publish_at ON products(publish_at) WHERE publish_at IS NOT NULL;
CREATE INDEX products_archive_at ON products(archive_at) WHERE archive_at IS NOT NULL;
ALTER TABLE products DROP CONSTRAINT products_status_check;
ALTER TABLE products ADD CONSTRAINT products_status_check
  CHECK(status IN ('Draft','Active','Archived','Deleted'));

-- The values of products in lists by which customers filter: of a product's facet, the folded value
-- (`value`) and how it is shown (`label`); `name` is how the facet is shown.
CREATE TABLE product_facets(
  facet TEXT COLLATE "C" NOT NULL,
  value TEXT COLLATE "C" NOT NULL,
  product_id UUID NOT NULL,
  name TEXT COLLATE "C" NOT NULL,
  label TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY(facet, value, product_id)
);
CREATE INDEX product_facets_product ON product_facets(product_id, facet, value);

-- The program inserts all facets of a product into this view, as a JSON list of
-- [facet, value, name, label].
CREATE VIEW product_facet_lists AS SELECT product_id, '[]' AS facets FROM product_facets;
CREATE FUNCTION put_product_facets() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM product_facets WHERE product_id = new.product_id;
  INSERT INTO product_facets(facet, value, product_id, name, label)
    SELECT f.item->>0, f.item->>1, new.product_id, f.item->>2, f.item->>3
    FROM jsonb_array_elements(new.facets::jsonb) AS f(item)
    ON CONFLICT DO NOTHING;
  RETURN new;
END $$;
CREATE TRIGGER product_facet_lists_insert INSTEAD OF INSERT ON product_facet_lists
  FOR EACH ROW EXECUTE FUNCTION put_product_facets();

-- Earlier handles of products.
CREATE TABLE product_redirects(
  handle TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  product_id UUID NOT NULL REFERENCES products(product_id),
  created_at BIGINT NOT NULL
);
CREATE INDEX product_redirects_product ON product_redirects(product_id);
