-- The words that the search knows, for those who mistype one.
CREATE VIRTUAL TABLE products_vocab USING fts5vocab(products_fts, 'row');
