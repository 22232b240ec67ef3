-- Groups of products for a storefront. One made by hand lists its products in collection_products;
-- one with a rule contains the products that pass it.
CREATE TABLE collections(
  collection_id BLOB NOT NULL PRIMARY KEY,
  list INTEGER NOT NULL DEFAULT 0 CHECK(list = 0),
  handle TEXT UNIQUE,
  name TEXT NOT NULL,
  description TEXT NOT NULL,
  published INTEGER NOT NULL CHECK(published IN (0,1)),
  rule TEXT,
  sort TEXT,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  version INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX collections_list ON collections(list);

CREATE TABLE collection_products(
  collection_id BLOB NOT NULL,
  product_id BLOB NOT NULL,
  position INTEGER NOT NULL,
  PRIMARY KEY(collection_id, product_id)
) WITHOUT ROWID;
CREATE INDEX collection_products_order ON collection_products(collection_id, position);
CREATE INDEX collection_products_product ON collection_products(product_id);

-- Products that a storefront shows with a product, chosen by staff.
CREATE TABLE product_relations(
  product_id BLOB NOT NULL,
  kind TEXT NOT NULL,
  related_product_id BLOB NOT NULL,
  position INTEGER NOT NULL,
  PRIMARY KEY(product_id, position)
) WITHOUT ROWID;
CREATE INDEX product_relations_related ON product_relations(related_product_id);

-- Groups of words that mean the same in searches; one row.
CREATE TABLE search_synonyms(
  list INTEGER NOT NULL PRIMARY KEY CHECK(list = 0),
  synonym_groups TEXT NOT NULL,
  -- Of each phrase, as its search words: the phrases that mean the same.
  expansions TEXT NOT NULL,
  updated_at INTEGER NOT NULL,
  version INTEGER NOT NULL
);

-- Kinds of products with typed attributes. The specifications of a product are its attributes that
-- its type declares.
CREATE TABLE product_types(
  key TEXT NOT NULL PRIMARY KEY,
  list INTEGER NOT NULL DEFAULT 0 CHECK(list = 0),
  name TEXT NOT NULL,
  attributes TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  version INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX product_types_list ON product_types(list);
ALTER TABLE products ADD COLUMN product_type TEXT;
ALTER TABLE products ADD COLUMN specifications TEXT NOT NULL DEFAULT '[]';
CREATE INDEX products_type ON products(product_type) WHERE product_type IS NOT NULL;

-- Whether a product has the type.
CREATE VIEW product_type_use AS
  SELECT t.key AS key,
         EXISTS(SELECT 1 FROM products p WHERE p.product_type = t.key AND p.status <> 'Deleted')
           AS has_products
  FROM product_types t;

-- Names and descriptions of products, categories and collections in other languages.
CREATE TABLE translations(
  resource_id BLOB NOT NULL,
  locale TEXT NOT NULL,
  name TEXT,
  description TEXT,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY(resource_id, locale)
) WITHOUT ROWID;
