-- A third format of an import's file.
ALTER TABLE imports DROP CONSTRAINT imports_format_check;
ALTER TABLE imports ADD CONSTRAINT imports_format_check
  CHECK(format='shopify' OR format='jsonl' OR format='csv');
