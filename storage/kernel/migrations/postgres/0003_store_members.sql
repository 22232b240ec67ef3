-- The store that this database belongs to: a row for the service of this database, and one for each
-- other service whose database has been seen, to detect that one was replaced by an empty database.
CREATE TABLE store_member(
  service TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  store_id TEXT COLLATE "C" NOT NULL
);
