-- Uploaded image files, by the hash of their content. file: name, type, size and thumbnails as JSON.
CREATE TABLE media_files(
  file_id TEXT NOT NULL PRIMARY KEY,
  state TEXT NOT NULL CHECK(state = 'receiving' OR state = 'stored' OR state = 'deleting'),
  file TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  check_at INTEGER NOT NULL,
  unused_since INTEGER,
  thumbs_at INTEGER,
  thumb_attempts INTEGER NOT NULL,
  version INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX media_files_check ON media_files(check_at);
CREATE INDEX media_files_thumbs ON media_files(thumbs_at) WHERE thumbs_at IS NOT NULL;

-- An image is a link, or an uploaded file with a copy of its data.
ALTER TABLE product_images ADD COLUMN file_id TEXT;
ALTER TABLE product_images ADD COLUMN file TEXT;
CREATE INDEX product_images_file ON product_images(file_id) WHERE file_id IS NOT NULL;

-- Units at or below which stock.low is emitted; NULL: catalog.low_stock_threshold.
ALTER TABLE inventory ADD COLUMN low_stock_threshold INTEGER;
