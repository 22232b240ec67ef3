-- Prices whose products are to be checked: a product may be deleted while its price is being set, so whether it exists is
-- asked again once the price is stored.
CREATE TABLE price_checks(
  price_check_id UUID NOT NULL PRIMARY KEY,
  product_id UUID NOT NULL
);
CREATE INDEX price_checks_product ON price_checks(product_id);

-- Those of products that were deleted before that was an event.
INSERT INTO price_checks SELECT gen_random_uuid(), product_id
FROM (SELECT DISTINCT product_id FROM price_entries) AS priced;
