-- Keys and values of integrators (storage/base/metadata.hpp).
ALTER TABLE carts ADD COLUMN metadata TEXT NOT NULL DEFAULT '{}';
