-- Keys and values of integrators (storage/base/metadata.hpp).
ALTER TABLE products ADD COLUMN metadata TEXT NOT NULL DEFAULT '{}';
