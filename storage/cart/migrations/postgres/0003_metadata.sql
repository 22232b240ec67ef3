-- The integrator's own keys and values (storage/base/metadata.hpp).
ALTER TABLE carts ADD COLUMN metadata TEXT NOT NULL DEFAULT '{}';
