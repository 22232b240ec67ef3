-- The store that this database belongs to: a row for the service whose database this is, and one for
-- each other service of the store whose database has been seen, so that one that is replaced by an
-- empty one is noticed.
CREATE TABLE store_member(
  service TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  store_id TEXT COLLATE "C" NOT NULL
);
