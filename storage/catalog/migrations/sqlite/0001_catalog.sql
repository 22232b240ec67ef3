-- A store has one tree of categories. `tree` is 0 in every row, to load the whole tree.
CREATE TABLE categories(
  category_id BLOB NOT NULL PRIMARY KEY,
  tree INTEGER NOT NULL DEFAULT 0 CHECK(tree = 0),
  name TEXT NOT NULL,
  description TEXT,
  parent_category_id BLOB REFERENCES categories(category_id),
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  version INTEGER NOT NULL,
  CHECK(parent_category_id IS NULL OR parent_category_id <> category_id)
) WITHOUT ROWID;
CREATE INDEX categories_tree ON categories(tree);
CREATE INDEX categories_parent ON categories(parent_category_id) WHERE parent_category_id IS NOT NULL;
CREATE INDEX categories_name ON categories(name);

-- A product is either sold directly or has variants: rows with a parent_product_id, which are sold
-- instead. The stock is in `inventory`, so that a reservation rewrites a short row instead of the
-- product with its description.
CREATE TABLE products(
  row_number INTEGER PRIMARY KEY AUTOINCREMENT,
  product_id BLOB NOT NULL UNIQUE,
  parent_product_id BLOB REFERENCES products(product_id),
  status TEXT NOT NULL CHECK(status IN ('Draft','Active','Deleted')),
  sku TEXT UNIQUE,
  handle TEXT UNIQUE,
  name TEXT NOT NULL,
  sort_name TEXT NOT NULL,
  price INTEGER NOT NULL CHECK(price >= 0),
  price_currency TEXT NOT NULL,
  compare_at_price INTEGER CHECK(compare_at_price >= 0),
  compare_at_price_currency TEXT,
  -- Price for display and sorting in lists: the lowest price of the variants, or the product's
  -- price.
  list_price INTEGER NOT NULL DEFAULT 0,
  category_id BLOB REFERENCES categories(category_id),
  options TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  version INTEGER NOT NULL,
  description TEXT NOT NULL,
  attributes TEXT NOT NULL,
  -- Searched in addition to the name: vendor, tags and similar, and the description without markup.
  keywords TEXT NOT NULL,
  search_text TEXT NOT NULL
);
CREATE INDEX products_parent ON products(parent_product_id) WHERE parent_product_id IS NOT NULL;
CREATE INDEX products_category ON products(category_id) WHERE category_id IS NOT NULL;
CREATE INDEX products_newest ON products(created_at, product_id) WHERE parent_product_id IS NULL;
CREATE INDEX products_price ON products(list_price, product_id) WHERE parent_product_id IS NULL;
CREATE INDEX products_name ON products(sort_name, product_id) WHERE parent_product_id IS NULL;

-- Full-text search over what lists show (variants are found by their parent).
CREATE VIRTUAL TABLE products_fts USING fts5(
  name, keywords, search_text, content='products', content_rowid='row_number',
  tokenize='unicode61 remove_diacritics 2', prefix='2 3');
CREATE TRIGGER products_fts_insert AFTER INSERT ON products WHEN new.parent_product_id IS NULL BEGIN
  INSERT INTO products_fts(rowid, name, keywords, search_text)
    VALUES(new.row_number, new.name, new.keywords, new.search_text);
END;
CREATE TRIGGER products_fts_update AFTER UPDATE OF name, keywords, search_text ON products
  WHEN new.parent_product_id IS NULL
       AND (old.name IS NOT new.name OR old.keywords IS NOT new.keywords
            OR old.search_text IS NOT new.search_text) BEGIN
  INSERT INTO products_fts(products_fts, rowid, name, keywords, search_text)
    VALUES('delete', old.row_number, old.name, old.keywords, old.search_text);
  INSERT INTO products_fts(rowid, name, keywords, search_text)
    VALUES(new.row_number, new.name, new.keywords, new.search_text);
END;
CREATE TRIGGER products_fts_delete AFTER DELETE ON products WHEN old.parent_product_id IS NULL BEGIN
  INSERT INTO products_fts(products_fts, rowid, name, keywords, search_text)
    VALUES('delete', old.row_number, old.name, old.keywords, old.search_text);
END;

-- Whether a category is in use.
CREATE VIEW category_use AS
  SELECT c.category_id AS category_id,
         EXISTS(SELECT 1 FROM products p WHERE p.category_id = c.category_id) AS has_products
  FROM categories c;

-- Stock of each product. `sellable` is 0 for a product that has variants or is deleted.
CREATE TABLE inventory(
  product_id BLOB NOT NULL PRIMARY KEY REFERENCES products(product_id),
  on_hand INTEGER NOT NULL CHECK(on_hand >= 0),
  reserved INTEGER NOT NULL CHECK(reserved >= 0 AND reserved <= on_hand),
  inventory_count INTEGER NOT NULL GENERATED ALWAYS AS (on_hand - reserved) STORED,
  sellable INTEGER NOT NULL CHECK(sellable IN (0,1)),
  version INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE product_images(
  image_id BLOB NOT NULL PRIMARY KEY,
  product_id BLOB NOT NULL REFERENCES products(product_id),
  image_url TEXT NOT NULL,
  alt_text TEXT NOT NULL,
  position INTEGER NOT NULL,
  created_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX product_images_product ON product_images(product_id, position, image_id);

-- Units reserved (Active), bought (Sold) or returned (Released) by orders.
CREATE TABLE reservations(
  order_id BLOB NOT NULL,
  product_id BLOB NOT NULL,
  quantity INTEGER NOT NULL CHECK(quantity > 0),
  status TEXT NOT NULL CHECK(status IN ('Active','Sold','Released')),
  deadline INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY(order_id, product_id)
) WITHOUT ROWID;
CREATE INDEX reservations_deadline ON reservations(deadline) WHERE status = 'Active';

-- Every change of stock and its cause. Append-only.
CREATE TABLE stock_ledger(
  product_id BLOB NOT NULL,
  ledger_id BLOB NOT NULL,
  on_hand_change INTEGER NOT NULL,
  reserved_change INTEGER NOT NULL,
  cause TEXT NOT NULL
    CHECK(cause IN ('adjustment','reservation','release','sale','returned','import')),
  reference TEXT,
  note TEXT,
  actor TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY(product_id, ledger_id)
) WITHOUT ROWID;
CREATE TRIGGER stock_ledger_no_update BEFORE UPDATE ON stock_ledger BEGIN
  SELECT RAISE(ABORT, 'stock_ledger is append-only');
END;
CREATE TRIGGER stock_ledger_no_delete BEFORE DELETE ON stock_ledger BEGIN
  SELECT RAISE(ABORT, 'stock_ledger is append-only');
END;
