-- The program computes the words, equally for every database; FTS5 only stores and finds them.
-- Until the program has indexed a product, its plain texts are searched.
DROP TRIGGER products_fts_insert;
DROP TRIGGER products_fts_update;
DROP TRIGGER products_fts_delete;
DROP TABLE products_vocab;
DROP TABLE products_fts;

-- The words of the products in lists (variants are found by their parent), separated by spaces.
CREATE TABLE product_search(
  row_number INTEGER PRIMARY KEY REFERENCES products(row_number) ON DELETE CASCADE,
  name TEXT NOT NULL,
  keywords TEXT NOT NULL,
  body TEXT NOT NULL
);
INSERT INTO product_search(row_number, name, keywords, body)
  SELECT row_number, lower(name), keywords, search_text FROM products WHERE parent_product_id IS NULL;

CREATE VIRTUAL TABLE products_fts USING fts5(
  name, keywords, body, content='product_search', content_rowid='row_number',
  tokenize='ascii', prefix='2 3');
INSERT INTO products_fts(products_fts) VALUES('rebuild');
CREATE VIRTUAL TABLE products_vocab USING fts5vocab(products_fts, 'row');

CREATE TRIGGER product_search_insert AFTER INSERT ON product_search BEGIN
  INSERT INTO products_fts(rowid, name, keywords, body)
    VALUES(new.row_number, new.name, new.keywords, new.body);
END;
CREATE TRIGGER product_search_update AFTER UPDATE ON product_search
  WHEN old.name <> new.name OR old.keywords <> new.keywords OR old.body <> new.body BEGIN
  INSERT INTO products_fts(products_fts, rowid, name, keywords, body)
    VALUES('delete', old.row_number, old.name, old.keywords, old.body);
  INSERT INTO products_fts(rowid, name, keywords, body)
    VALUES(new.row_number, new.name, new.keywords, new.body);
END;
CREATE TRIGGER product_search_delete AFTER DELETE ON product_search BEGIN
  INSERT INTO products_fts(products_fts, rowid, name, keywords, body)
    VALUES('delete', old.row_number, old.name, old.keywords, old.body);
END;

-- Products whose words and sort names are outdated, and the rules used for the others: versions of
-- the program's rules and of ICU, and the locale.
CREATE TABLE search_queue(
  product_id BLOB NOT NULL PRIMARY KEY
) WITHOUT ROWID;
CREATE TABLE search_state(
  id INTEGER PRIMARY KEY CHECK(id = 1),
  made_by TEXT NOT NULL
);

-- The program inserts the words of a product into this view.
CREATE VIEW product_words AS
  SELECT p.product_id, s.name, s.keywords, s.body
  FROM product_search s JOIN products p ON p.row_number = s.row_number;
CREATE TRIGGER product_words_insert INSTEAD OF INSERT ON product_words BEGIN
  INSERT INTO product_search(row_number, name, keywords, body)
    SELECT row_number, new.name, new.keywords, new.body FROM products WHERE product_id = new.product_id
    ON CONFLICT(row_number) DO UPDATE
      SET name = excluded.name, keywords = excluded.keywords, body = excluded.body;
  DELETE FROM search_queue WHERE product_id = new.product_id;
END;

-- Products in the order of their last changes, for synchronisation.
CREATE INDEX products_updated ON products(updated_at, product_id) WHERE parent_product_id IS NULL;
