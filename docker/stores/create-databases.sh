#!/bin/bash
# Creates the role `stoa` and a database for each service: run once by PostgreSQL's image, when its data
# folder is new (/docker-entrypoint-initdb.d). STOA_PASSWORD_FILE holds the role's password in a line.
set -euo pipefail

as_owner=(psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1
  --username "${POSTGRES_USER:-postgres}" --dbname postgres)

[[ -s "$STOA_PASSWORD_FILE" ]] || {
  echo "$0: there is no password in $STOA_PASSWORD_FILE" >&2
  exit 1
}
# psql itself reads the file: as an argument the password could be seen by other processes.
"${as_owner[@]}" <<'SQL'
\set password `head -n 1 "$STOA_PASSWORD_FILE"`
create role stoa login password :'password';
SQL
for service in user catalog cart order payment notification; do
  # Others than the owner have no business in it.
  "${as_owner[@]}" <<SQL
create database stoa_$service owner stoa;
revoke all on database stoa_$service from public;
SQL
done
