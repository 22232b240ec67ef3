-- The words of all products, for spelling correction.
CREATE VIRTUAL TABLE products_vocab USING fts5vocab(products_fts, 'row');
