-- The integrator's own keys and values (storage/base/metadata.hpp).
ALTER TABLE products ADD COLUMN metadata TEXT NOT NULL DEFAULT '{}';
