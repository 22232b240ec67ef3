-- A random id, created by the first writer, that detects a replaced database. Copies have the same
-- id: replicas, backups, and databases restored from them.
CREATE TABLE database_identity(
  one SMALLINT NOT NULL PRIMARY KEY CHECK(one=1),
  id UUID NOT NULL
);
