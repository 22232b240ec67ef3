-- The settings with which the store's nodes run. Only databases that several nodes use are compared.
CREATE TABLE store_setting(
  name TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL
) WITHOUT ROWID;
