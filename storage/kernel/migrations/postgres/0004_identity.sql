-- What tells this database from another one in its place: a random id that the first writer makes. Copies
-- have it too: replicas, backups, what is restored from them.
CREATE TABLE database_identity(
  one SMALLINT NOT NULL PRIMARY KEY CHECK(one=1),
  id UUID NOT NULL
);
