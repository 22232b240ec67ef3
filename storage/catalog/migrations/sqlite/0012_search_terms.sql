-- The words of all products, for spelling correction: `search_terms_alike` finds words by common
-- trigrams. A word is padded as in PostgreSQL's pg_trgm: its first letter counts more. A word with
-- digits is no misspelling of another. Words are never removed: check products_fts for whether a
-- product still has one.
CREATE TABLE search_terms(
  term_id INTEGER PRIMARY KEY,
  word TEXT NOT NULL UNIQUE
);
CREATE VIRTUAL TABLE search_terms_alike USING fts5(
  padded, content='', columnsize=0, detail=none, tokenize='trigram case_sensitive 1');
CREATE TRIGGER search_terms_insert AFTER INSERT ON search_terms BEGIN
  INSERT INTO search_terms_alike(rowid, padded) VALUES(new.term_id, '  ' || new.word || ' ');
END;
INSERT INTO search_terms(word) SELECT term FROM products_vocab
  WHERE length(term) >= 4 AND term NOT GLOB '*[^a-z]*';
DROP TABLE products_vocab;

-- The words of product_search contain only letters, marks and digits, and are separated by spaces.
CREATE TRIGGER product_search_terms_insert AFTER INSERT ON product_search BEGIN
  INSERT INTO search_terms(word)
    SELECT value FROM json_each('["' || replace(new.name || ' ' || new.keywords || ' ' || new.body,
                                               ' ', '","') || '"]')
    WHERE length(value) >= 4 AND value NOT GLOB '*[^a-z]*'
    ON CONFLICT(word) DO NOTHING;
END;
CREATE TRIGGER product_search_terms_update AFTER UPDATE ON product_search
  WHEN old.name <> new.name OR old.keywords <> new.keywords OR old.body <> new.body BEGIN
  INSERT INTO search_terms(word)
    SELECT value FROM json_each('["' || replace(new.name || ' ' || new.keywords || ' ' || new.body,
                                               ' ', '","') || '"]')
    WHERE length(value) >= 4 AND value NOT GLOB '*[^a-z]*'
    ON CONFLICT(word) DO NOTHING;
END;
