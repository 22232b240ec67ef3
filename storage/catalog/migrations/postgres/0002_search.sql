-- Full-text search with tsvector and a GIN index, and the collation "und-x-icu", which every
-- PostgreSQL built with ICU has.
--
-- Words are split and folded like SQLite's tokenizer (unicode61 remove_diacritics 2), independent
-- of the database's locale: a word consists of letters and numbers; case and marks on Latin letters
-- are ignored. PostgreSQL's parser recognises addresses and file names, and depends on the locale.

-- The words of a text, separated by one space.
CREATE FUNCTION search_words(content TEXT) RETURNS TEXT
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT trim(regexp_replace(
    regexp_replace(
      translate(
        normalize(
          regexp_replace(normalize(lower(content COLLATE "und-x-icu"), NFD),
                         '([a-z])[\u0300-\u036f]+', '\1', 'g'),
          NFC),
        U&'\03C2\017F', U&'\03C3s'),
      '[\u0300-\u0331]+', '', 'g'),
    '[^[:alnum:]\u00b2\u00b3\u00b9\u00bc-\u00be\u2070-\u2079\u2080-\u2089\u2150-\u218b\u2460-\u249b\u24ea-\u24ff\u2776-\u2793\u3007\u3021-\u3029]+' COLLATE "und-x-icu",
    ' ', 'g'))
$$;

-- The searched words of a product. Positions also encode the field, so that a phrase does not span
-- two fields.
CREATE FUNCTION search_vector(name TEXT, keywords TEXT, content TEXT) RETURNS tsvector
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT coalesce(string_agg(left(w.word, 64) || ':' || least(w.place, 16383) || w.weight, ' '), '')::tsvector
  FROM (
    SELECT word, place, 'A' AS weight
      FROM regexp_split_to_table(search_words(name), ' ') WITH ORDINALITY AS n(word, place)
    UNION ALL SELECT word, place + 500, 'B'
      FROM regexp_split_to_table(search_words(keywords), ' ') WITH ORDINALITY AS k(word, place)
    UNION ALL SELECT word, place + 8500, 'C'
      FROM regexp_split_to_table(search_words(content), ' ') WITH ORDINALITY AS c(word, place)
  ) AS w
  WHERE w.word <> ''
$$;

-- Converts a search such as "blue" "cup"* to a query: all words, the starred one as a prefix. NULL,
-- which matches nothing, if no word is left.
CREATE FUNCTION search_query(match TEXT) RETURNS tsquery
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT string_agg(replace(asked.words, ' ', ' <-> ') || asked.star, ' & ')::tsquery
  FROM (
    SELECT search_words(part) AS words, CASE WHEN right(part, 1) = '*' THEN ':*' ELSE '' END AS star
    FROM regexp_split_to_table(match, ' ') AS part
  ) AS asked
  WHERE asked.words <> ''
$$;

-- The products in lists (variants are found by their parent), in a separate table to keep product
-- rows short.
CREATE TABLE product_search(
  product_id UUID NOT NULL PRIMARY KEY REFERENCES products(product_id) ON DELETE CASCADE,
  words tsvector NOT NULL
);
CREATE INDEX product_search_words ON product_search USING gin(words);

CREATE FUNCTION index_product() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO product_search(product_id, words)
    VALUES(new.product_id, search_vector(new.name, new.keywords, new.search_text))
    ON CONFLICT(product_id) DO UPDATE SET words = excluded.words;
  RETURN NULL;
END $$;
CREATE TRIGGER products_search_insert AFTER INSERT ON products FOR EACH ROW
  WHEN (new.parent_product_id IS NULL) EXECUTE FUNCTION index_product();
CREATE TRIGGER products_search_update AFTER UPDATE ON products FOR EACH ROW
  WHEN (new.parent_product_id IS NULL AND (old.name IS DISTINCT FROM new.name
        OR old.keywords IS DISTINCT FROM new.keywords
        OR old.search_text IS DISTINCT FROM new.search_text)) EXECUTE FUNCTION index_product();
