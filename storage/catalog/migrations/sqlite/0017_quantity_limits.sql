-- The quantities in which a product is sold (storage/base/quantity_limits.hpp). A variant without any of them has those
-- of its product.
ALTER TABLE products ADD COLUMN quantity_min INTEGER CHECK(quantity_min > 0);
ALTER TABLE products ADD COLUMN quantity_max INTEGER CHECK(quantity_max > 0);
ALTER TABLE products ADD COLUMN quantity_step INTEGER CHECK(quantity_step > 0);
