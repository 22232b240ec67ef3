-- How the taxes were determined, as JSON (storage/base/tax_record.hpp); NULL: by the store's tax rates alone.
ALTER TABLE orders ADD COLUMN tax TEXT;
