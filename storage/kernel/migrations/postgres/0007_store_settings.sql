-- The settings with which the store's nodes run: a node that has others is refused.
CREATE TABLE store_setting(
  name TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  value TEXT NOT NULL
);
