#!/usr/bin/env bash
# Runs the image's root file system as an engine would with the settings of compose.yaml: read-only except for
# the volume, the image's user, no capabilities, no new privileges, as process 1. docker/check image calls it in
# separate namespaces: check_image_run.sh ROOTFS VARIABLE=VALUE...
set -euo pipefail
rootfs=$1
shift
variables=("$@")
shop=http://127.0.0.1:8080/store/v1
status=0
check() {
  local what=$1
  shift
  if "$@"; then printf 'ok       image: %s\n' "$what"; else
    printf 'FAILED   image: %s\n' "$what"
    status=1
  fi
}

ip link set lo up
mount --bind "$rootfs" "$rootfs"
mount -o remount,bind,ro "$rootfs"
mount -t tmpfs -o uid=10001,gid=10001,mode=0700 none "$rootfs/var/lib/stoa"
mount -t tmpfs -o mode=0755 none "$rootfs/dev"
mknod -m 666 "$rootfs/dev/null" c 1 3
mknod -m 666 "$rootfs/dev/urandom" c 1 9

in_image() {
  chroot "$rootfs" setpriv --reuid=10001 --regid=10001 --clear-groups --no-new-privs --bounding-set=-all \
    --inh-caps=-all env -i "${variables[@]}" "$@"
}

start() {
  # In a separate PID namespace it is process 1, for which the default actions of signals do not apply.
  unshare --pid --fork --kill-child chroot "$rootfs" setpriv --reuid=10001 --regid=10001 --clear-groups \
    --no-new-privs --bounding-set=-all --inh-caps=-all env -i "${variables[@]}" stoa serve 2>"$log" &
  server=$!
  local i
  for ((i = 0; i < 100; i++)); do
    if in_image stoa healthcheck 2>/dev/null; then break; fi
    sleep 0.1
  done
  process=$(pgrep -P "$server")
}

stop() {
  kill -TERM "$process"
  local code=0
  wait "$server" || code=$?
  return "$code"
}

field() { grep -o "\"$1\":\"[^\"]*\"" | head -n 1 | cut -d '"' -f 4; }
status_of() { [[ "$(grep "^$1:" "/proc/$process/status" | cut -f 2)" == "$2" ]]; }

# The purchase of README.md.
purchase() {
  local product cart answer
  product=$(curl -s "$shop/products?in_stock=true&limit=1" | field product_id)
  cart=$(curl -s -X POST "$shop/carts" | field cart_id)
  curl -s -o /dev/null "$shop/carts/$cart/items" --json "{\"product_id\":\"$product\",\"quantity\":2}"
  answer=$(curl -s -w '\n%{http_code}' "$shop/carts/$cart/checkout" -H 'Idempotency-Key: image-check-1' --json '{
    "email": "ada@example.com",
    "shipping_address": {"first_name": "Ada", "last_name": "Lovelace", "address_line1": "1 Main Street",
                         "city": "London", "postal_code": "N1 9GU", "country": "GB"},
    "payment_method": {"type": "card", "token": "tok_visa"}}')
  order=$(field order_id <<<"$answer")
  token=$(field access_token <<<"$answer")
  [[ "$(tail -n 1 <<<"$answer")" == 201 && -n "$order" ]]
}
order_is_there() {
  [[ "$(curl -s -o /dev/null -w '%{http_code}' -H "Authorization: Bearer $token" "$shop/orders/$order")" == 200 ]]
}
programs_run() { in_image sh -c 'pg_dump --version && pg_restore --version' >/dev/null; }
backup_is_made() { in_image stoa backup /var/lib/stoa-backup/now >/dev/null; }
is_not_healthy() { ! in_image stoa healthcheck 2>/dev/null; }
cannot_write() { ! in_image touch /usr/local/bin/x /etc/x /tmp/x 2>/dev/null; }

log=$(mktemp)
rm_later=("$log")
trap 'rm -f "${rm_later[@]}"' EXIT

# The load balancer's configuration, except for names, its port, which is the node's here, and a number of
# connections that any machine allows.
balance() {
  local file
  file=$(mktemp)
  sed 's/bind :8080/bind :8081/; s/ stoa-[123]:8080/ 127.0.0.1:8080/; s/resolvers engine init-addr none//
    s/maxconn 20000/maxconn 100/' haproxy/haproxy.cfg >"$file"
  haproxy -f "$file" >/dev/null 2>&1 &
  balancer=$!
  rm_later+=("$file")
}

# answers CODE PATH: within 10 s, through the load balancer.
answers() {
  local i
  for ((i = 0; i < 100; i++)); do
    [[ "$(curl -s -o /dev/null -w '%{http_code}' "http://127.0.0.1:8081$2")" == "$1" ]] && return 0
    sleep 0.1
  done
  return 1
}

check "stoa version" in_image stoa version
check "pg_dump and pg_restore run" programs_run
check "its root file system cannot be written to" cannot_write
check "not healthy while it does not serve" is_not_healthy
check "a demo store is loaded into the volume" in_image stoa demo --products 20 --stock 10
start
check "healthy" in_image stoa healthcheck
check "has no capabilities" status_of CapBnd 0000000000000000
check "gets no new privileges" status_of NoNewPrivs 1
check "is process 1" bash -c '[[ "$(awk "/^NSpid/ {print \$NF}" "/proc/$1/status")" == 1 ]]' _ "$process"
check "a purchase is confirmed (201)" purchase
balancer=
if command -v haproxy >/dev/null; then
  balance
  check "the load balancer finds it" answers 200 /livez
  check "the load balancer hides /metrics" answers 404 /metrics
else
  printf 'skipped  image: behind the load balancer: no haproxy\n'
fi
mount -t tmpfs -o uid=10001,gid=10001,mode=0700 none "$rootfs/var/lib/stoa-backup"
check "a backup is made while it serves" backup_is_made
check "SIGTERM ends it with exit code 0" stop
[[ -z "$balancer" ]] || check "the load balancer sees that it is gone" answers 503 /livez
start
[[ -z "$balancer" ]] || check "the load balancer sees that it is ready again" answers 200 /livez
check "the order is there after a restart" order_is_there
check "SIGTERM ends it again" stop
((status)) && tail -n 5 "$log"
exit "$status"
