-- The common settings of the store's nodes; a node with other values is rejected.
CREATE TABLE store_setting(
  name TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  value TEXT NOT NULL
);
