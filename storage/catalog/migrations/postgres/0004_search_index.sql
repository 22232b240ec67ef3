-- The program computes the words, equally for every database; PostgreSQL only stores and finds
-- them. The first words of name and keywords are stored for the rank.
ALTER TABLE product_search
  ADD COLUMN name TEXT NOT NULL DEFAULT '',
  ADD COLUMN keywords TEXT NOT NULL DEFAULT '';
UPDATE product_search s SET name = lower(p.name), keywords = left(p.keywords, 1024)
  FROM products p WHERE p.product_id = s.product_id;

-- Products whose words and sort names are outdated, and the rules used for the others: versions of
-- the program's rules and of ICU, and the locale.
CREATE TABLE search_queue(
  product_id UUID NOT NULL PRIMARY KEY
);
CREATE TABLE search_state(
  id SMALLINT PRIMARY KEY CHECK(id = 1),
  made_by TEXT NOT NULL
);

-- The words with positions and fields, from texts with words separated by one space.
CREATE FUNCTION words_vector(name TEXT, keywords TEXT, body TEXT) RETURNS tsvector
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT coalesce(string_agg(w.word || ':' || least(w.place, 16383) || w.field, ' '), '')::tsvector
  FROM (
    SELECT word, place, 'A' AS field
      FROM unnest(string_to_array(name, ' ')) WITH ORDINALITY AS n(word, place)
    UNION ALL SELECT word, place + 1000, 'B'
      FROM unnest(string_to_array(keywords, ' ')) WITH ORDINALITY AS k(word, place)
    UNION ALL SELECT word, place + 8000, 'C'
      FROM unnest(string_to_array(body, ' ')) WITH ORDINALITY AS b(word, place)
  ) AS w
  WHERE w.word <> ''
$$;

-- The program inserts the words of a product into this view.
CREATE VIEW product_words AS
  SELECT product_id, name, keywords, '' AS body FROM product_search;
CREATE FUNCTION put_product_words() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  found_words tsvector := words_vector(new.name, new.keywords, new.body);
BEGIN
  INSERT INTO product_search(product_id, words, name, keywords)
    VALUES(new.product_id, found_words, new.name, left(new.keywords, 1024))
    ON CONFLICT(product_id) DO UPDATE
      SET words = excluded.words, name = excluded.name, keywords = excluded.keywords;
  INSERT INTO search_terms(word)
    SELECT w.lexeme FROM unnest(found_words) AS w WHERE w.lexeme ~ '^[a-z0-9]{4,}$'
    ON CONFLICT DO NOTHING;
  DELETE FROM search_queue WHERE product_id = new.product_id;
  RETURN new;
END $$;
CREATE TRIGGER product_words_insert INSTEAD OF INSERT ON product_words
  FOR EACH ROW EXECUTE FUNCTION put_product_words();

-- The previous version, which may still be running, leaves the words to triggers and fills
-- search_text from the description. Products that it writes are found by that version's words until
-- this version reindexes them.
CREATE OR REPLACE FUNCTION index_product() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  found_words tsvector := search_vector(new.name, new.keywords, new.search_text);
BEGIN
  INSERT INTO product_search(product_id, words, name, keywords)
    VALUES(new.product_id, found_words, lower(new.name), left(new.keywords, 1024))
    ON CONFLICT(product_id) DO UPDATE
      SET words = excluded.words, name = excluded.name, keywords = excluded.keywords;
  INSERT INTO search_terms(word)
    SELECT w.lexeme FROM unnest(found_words) AS w WHERE w.lexeme ~ '^[a-z0-9]{4,}$'
    ON CONFLICT DO NOTHING;
  INSERT INTO search_queue(product_id) VALUES(new.product_id) ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
DROP TRIGGER products_search_insert ON products;
CREATE TRIGGER products_search_insert AFTER INSERT ON products FOR EACH ROW
  WHEN (new.parent_product_id IS NULL AND (new.search_text <> '' OR new.description = ''))
  EXECUTE FUNCTION index_product();
DROP TRIGGER products_search_update ON products;
CREATE TRIGGER products_search_update AFTER UPDATE ON products FOR EACH ROW
  WHEN (new.parent_product_id IS NULL AND (new.search_text <> '' OR new.description = '')
        AND (old.name IS DISTINCT FROM new.name OR old.keywords IS DISTINCT FROM new.keywords
             OR old.search_text IS DISTINCT FROM new.search_text OR old.sku IS DISTINCT FROM new.sku
             OR old.sort_name IS DISTINCT FROM new.sort_name))
  EXECUTE FUNCTION index_product();

CREATE FUNCTION queue_parent() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO search_queue(product_id) VALUES(new.parent_product_id) ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
CREATE TRIGGER products_variant_insert AFTER INSERT ON products FOR EACH ROW
  WHEN (new.parent_product_id IS NOT NULL) EXECUTE FUNCTION queue_parent();
CREATE TRIGGER products_variant_update AFTER UPDATE ON products FOR EACH ROW
  WHEN (new.parent_product_id IS NOT NULL
        AND (old.sku IS DISTINCT FROM new.sku OR old.options IS DISTINCT FROM new.options
             OR (old.status = 'Deleted') <> (new.status = 'Deleted'))) EXECUTE FUNCTION queue_parent();

-- Products in the order of their last changes, for synchronisation.
CREATE INDEX products_updated ON products(updated_at, product_id) WHERE parent_product_id IS NULL;
