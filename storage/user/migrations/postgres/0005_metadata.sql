-- Keys and values of integrators (storage/base/metadata.hpp).
ALTER TABLE users ADD COLUMN metadata TEXT NOT NULL DEFAULT '{}';
