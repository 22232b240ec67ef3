-- The common settings of the store's nodes. Compared only in databases that several nodes share.
CREATE TABLE store_setting(
  name TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL
) WITHOUT ROWID;
