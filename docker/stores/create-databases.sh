#!/bin/bash
# Creates the role `stoa` and a database for each service. PostgreSQL's image runs it once, when its data
# folder is new (/docker-entrypoint-initdb.d). STOA_PASSWORD_FILE contains the role's password in one line.
set -euo pipefail

as_owner=(psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1
  --username "${POSTGRES_USER:-postgres}" --dbname postgres)

[[ -s "$STOA_PASSWORD_FILE" ]] || {
  echo "$0: there is no password in $STOA_PASSWORD_FILE" >&2
  exit 1
}
# psql reads the file: in an argument the password would be visible to other processes.
"${as_owner[@]}" <<'SQL'
\set password `head -n 1 "$STOA_PASSWORD_FILE"`
create role stoa login password :'password';
SQL
for service in user catalog cart order payment pricing notification; do
  # Only the owner may connect.
  "${as_owner[@]}" <<SQL
create database stoa_$service owner stoa;
revoke all on database stoa_$service from public;
SQL
done
