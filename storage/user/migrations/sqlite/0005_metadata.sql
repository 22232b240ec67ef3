-- The integrator's own keys and values (storage/base/metadata.hpp).
ALTER TABLE users ADD COLUMN metadata TEXT NOT NULL DEFAULT '{}';
