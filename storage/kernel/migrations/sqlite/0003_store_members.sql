-- The store that this database belongs to: a row for the service of this database.
CREATE TABLE store_member(
  service TEXT NOT NULL PRIMARY KEY,
  store_id TEXT NOT NULL
) WITHOUT ROWID;
