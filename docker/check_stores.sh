# shellcheck shell=bash
# `docker/check stores`: the configuration files with Debian's servers, each started as in its container, in
# a temporary folder and on free ports of 127.0.0.1. Sourced by docker/check.

folder=$(mktemp -d)
chmod 0755 "$folder"
children=()
stop_all() {
  ((${#children[@]})) && kill "${children[@]}" 2>/dev/null
  wait 2>/dev/null
  rm -rf "$folder"
}
trap stop_all EXIT

free_port() {
  python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# eventually COMMAND...: within 20 s.
eventually() {
  local i
  for ((i = 0; i < 200; i++)); do
    if "$@" >/dev/null 2>&1; then return 0; fi
    sleep 0.1
  done
  return 1
}

check_redis() {
  local port
  port=$(free_port)
  mkdir "$folder/redis"
  printf 'secret-of-redis' >"$folder/redis_password"
  # As in the container's command, except for port and folder.
  { sed "s/^port .*/port $port/; s|^dir .*|dir $folder/redis|" stores/redis.conf
    printf 'requirepass %s\n' "$(cat "$folder/redis_password")"; } |
    redis-server - >"$folder/redis.log" 2>&1 &
  children+=($!)
  export REDISCLI_AUTH=secret-of-redis
  local cli=(redis-cli -h 127.0.0.1 -p "$port")
  if ! eventually "${cli[@]}" get x; then
    bad "redis.conf: the server does not start: $(tail -n 3 "$folder/redis.log")"
    return
  fi
  local answer
  answer=$("${cli[@]}" config get appendfsync | tail -n 1)
  [[ "$answer" == always ]] && good "redis.conf: appendfsync is always" || bad "redis.conf: appendfsync is $answer"
  answer=$(REDISCLI_AUTH='' "${cli[@]}" ping 2>&1 || true)
  [[ "$answer" == *NOAUTH* ]] && good "redis.conf: requires the password" || bad "redis.conf: allows access without a password: $answer"
}

check_nats() {
  local port monitor
  port=$(free_port)
  monitor=$(free_port)
  sed "s/^port: .*/port: $port/; s/8222/$monitor/; s|/data|$folder/nats|" stores/nats.conf >"$folder/nats.conf"
  nats-server --config "$folder/nats.conf" >"$folder/nats.log" 2>&1 &
  children+=($!)
  # The containers' health check.
  if eventually curl -fsS "http://127.0.0.1:$monitor/healthz?js-enabled-only=true"; then
    good "nats.conf: JetStream is healthy"
  else
    bad "nats.conf: $(tail -n 3 "$folder/nats.log")"
  fi
}

check_postgres() {
  local bin=$1 port as=()
  port=$(free_port)
  mkdir "$folder/postgres"
  printf 'it'\''s "secret" \\ of $postgres' >"$folder/postgres_password"
  if ((EUID == 0)); then
    as=(setpriv --reuid=postgres --regid=postgres --clear-groups)
    chown postgres: "$folder/postgres"
  fi
  "${as[@]}" "$bin/initdb" --pgdata "$folder/postgres/data" --auth-local=trust --auth-host=scram-sha-256 \
    --username postgres --no-sync >"$folder/postgres.log" 2>&1
  "${as[@]}" "$bin/postgres" -D "$folder/postgres/data" -p "$port" -c listen_addresses=127.0.0.1 \
    -c unix_socket_directories="$folder/postgres" -c fsync=off >>"$folder/postgres.log" 2>&1 &
  children+=($!)
  if ! eventually "$bin/pg_isready" --quiet --host 127.0.0.1 --port "$port" --username postgres; then
    bad "create-databases.sh: no server: $(tail -n 3 "$folder/postgres.log")"
    return
  fi
  try "create-databases.sh: runs" env PGHOST="$folder/postgres" PGPORT="$port" POSTGRES_USER=postgres \
    STOA_PASSWORD_FILE="$folder/postgres_password" stores/create-databases.sh
  export PGPASSWORD PGCONNECT_TIMEOUT=5
  PGPASSWORD=$(cat "$folder/postgres_password")
  local service
  for service in $(sed -n 's/^STOA_SERVICE(\([a-z_]*\).*/\1/p' ../config/services.def); do
    # The catalogue's search uses pg_trgm, which the owner of the database may create.
    try "create-databases.sh: stoa_$service belongs to the role" psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 \
      "postgresql://stoa@127.0.0.1:$port/stoa_$service" --command 'create table t (k int)' \
      --command 'create extension pg_trgm'
  done
  if PGPASSWORD=wrong psql "postgresql://stoa@127.0.0.1:$port/stoa_user" --command 'select 1' >/dev/null 2>&1; then
    bad "create-databases.sh: a wrong password is accepted"
  fi
}

if has redis-server && has redis-cli; then check_redis; else skip "redis.conf: no redis-server"; fi
if has nats-server && has curl; then check_nats; else skip "nats.conf: no nats-server or curl"; fi
postgres_bin=$(find /usr/lib/postgresql -maxdepth 2 -name bin 2>/dev/null | sort -V | tail -n 1)
if [[ -n "$postgres_bin" ]] && has psql; then check_postgres "$postgres_bin"; else skip "create-databases.sh: no PostgreSQL"; fi
