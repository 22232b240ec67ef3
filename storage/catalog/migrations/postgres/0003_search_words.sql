-- The words of all products, for spelling correction with PostgreSQL's pg_trgm. The owner of a
-- database may create this extension if its files are installed.
DO $$
BEGIN
  CREATE EXTENSION IF NOT EXISTS pg_trgm;
EXCEPTION WHEN undefined_file OR feature_not_supported OR insufficient_privilege THEN
  RAISE EXCEPTION 'the search of the catalogue needs the extension pg_trgm: install PostgreSQL''s contrib'
    ' modules, or let an administrator run CREATE EXTENSION pg_trgm in database % (%)',
    current_database(), SQLERRM;
END $$;

-- Words are never removed: check product_search for whether a product still has one.
CREATE TABLE search_terms(
  word TEXT COLLATE "C" NOT NULL PRIMARY KEY
);
CREATE INDEX search_terms_alike ON search_terms USING gin(word gin_trgm_ops);
INSERT INTO search_terms(word)
  SELECT DISTINCT w.lexeme FROM product_search, unnest(words) AS w
  WHERE w.lexeme ~ '^[a-z0-9]{4,}$';

CREATE OR REPLACE FUNCTION index_product() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  found_words tsvector := search_vector(new.name, new.keywords, new.search_text);
BEGIN
  INSERT INTO product_search(product_id, words) VALUES(new.product_id, found_words)
    ON CONFLICT(product_id) DO UPDATE SET words = excluded.words;
  INSERT INTO search_terms(word)
    SELECT w.lexeme FROM unnest(found_words) AS w WHERE w.lexeme ~ '^[a-z0-9]{4,}$'
    ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
