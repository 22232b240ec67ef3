-- The format of an import's file; earlier versions read only Shopify's.
ALTER TABLE imports ADD COLUMN format TEXT NOT NULL DEFAULT 'shopify'
  CHECK(format='shopify' OR format='jsonl');
