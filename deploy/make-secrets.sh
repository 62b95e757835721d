#!/bin/sh
# Makes every secret that compose.yaml needs, as files that only their owner can read. What exists is kept, so that it
# may be run again. Needs openssl, and an imserver for the signing keys: dist/imserver, or Docker, or Node.
#   deploy/make-secrets.sh [FOLDER]     FOLDER: deploy/secrets
# IMSERVER=… names another command that prints signing keys when it is called with `keys new`.
set -eu
umask 077

root=$(cd "$(dirname "$0")/.." && pwd)
out=${1:-$root/deploy/secrets}
env_file=${ENV_FILE:-$root/.env}
mkdir -p "$out"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Written elsewhere and then moved, so that a file is whole or not there.
keep() {
  chmod 600 "$work/$1"
  mv "$work/$1" "$out/$1"
  echo "made $1"
}

# 32 characters that mean nothing special in a URL, in SQL, in TOML or in a shell.
password() {
  openssl rand -hex 16
}

for name in mysql-root-password mysql-password mysql-replication-password; do
  [ -s "$out/$name" ] && continue
  password | tr -d '\n' >"$work/$name"
  keep "$name"
done

for name in redis-bus redis-cache; do
  [ -s "$out/$name.conf" ] && continue
  printf 'requirepass %s\n' "$(password)" >"$work/$name.conf"
  keep "$name.conf"
done
redis_password() {
  sed -n 's/^requirepass //p' "$out/$1.conf"
}

# The settings that hold passwords, as the file that --config reads. A gateway does not know the database's.
{
  printf 'redis-bus = "redis://:%s@redis-bus:6379"\n' "$(redis_password redis-bus)"
  printf 'redis-cache = "redis://:%s@redis-cache:6379"\n' "$(redis_password redis-cache)"
} >"$work/gateway.toml"
[ -s "$out/gateway.toml" ] || keep gateway.toml
{
  database=$(cat "$out/mysql-password")
  printf 'database = "mysql://imserver:%s@mysql-primary:3306/imserver"\n' "$database"
  printf 'replica = ["mysql://imserver:%s@mysql-replica:3306/imserver"]\n' "$database"
  printf 'redis-cache = "redis://:%s@redis-cache:6379"\n' "$(redis_password redis-cache)"
} >"$work/dbproxy.toml"
[ -s "$out/dbproxy.toml" ] || keep dbproxy.toml

# Both sides of gRPC prove who they are. The authority's own key is thrown away: nothing else can ever be signed by it,
# and to renew (after ten years), remove the grpc-* files and run this again.
new_key="-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes"
if [ ! -s "$out/grpc-ca.crt" ]; then
  # shellcheck disable=SC2086
  openssl req -x509 $new_key -sha256 -days 3650 -subj "/CN=imserver gRPC" \
    -addext "basicConstraints=critical,CA:TRUE" -addext "keyUsage=critical,keyCertSign" \
    -keyout "$work/ca.key" -out "$work/grpc-ca.crt" 2>/dev/null
  for name in gateway dbproxy; do
    # shellcheck disable=SC2086
    openssl req $new_key -subj "/CN=$name" -keyout "$work/grpc-$name.key" -out "$work/request" 2>/dev/null
    printf 'subjectAltName=DNS:%s,DNS:%s-1,DNS:%s-2,DNS:localhost\n' "$name" "$name" "$name" >"$work/extensions"
    printf 'basicConstraints=CA:FALSE\nextendedKeyUsage=serverAuth,clientAuth\n' >>"$work/extensions"
    openssl x509 -req -sha256 -days 3650 -in "$work/request" -CA "$work/grpc-ca.crt" -CAkey "$work/ca.key" \
      -CAcreateserial -extfile "$work/extensions" -out "$work/grpc-$name.crt" 2>/dev/null
    keep "grpc-$name.key"
    keep "grpc-$name.crt"
  done
  keep grpc-ca.crt
fi

# For clients: signed by itself, so browsers warn. Put a real one in its place.
if [ ! -s "$out/tls.crt" ] || [ ! -s "$out/tls.key" ]; then
  url=$(sed -n 's/^IMSERVER_PUBLIC_URL=//p' "$env_file" 2>/dev/null | tail -n 1)
  host=$(printf '%s' "${url:-https://localhost}" | sed 's|^[a-z]*://||; s|[:/].*$||')
  # An address is another kind of name than a word is.
  case $host in *[!0-9.]*) kind=DNS ;; *) kind=IP ;; esac
  # shellcheck disable=SC2086
  openssl req -x509 $new_key -sha256 -days 365 -subj "/CN=$host" \
    -addext "subjectAltName=$kind:$host" -addext "basicConstraints=critical,CA:FALSE" \
    -keyout "$work/tls.key" -out "$work/tls.crt" 2>/dev/null
  keep tls.key
  keep tls.crt
fi

# The keys that sign access tokens, the same for all gateways.
if [ ! -s "$out/keys.json" ]; then
  if [ -n "${IMSERVER-}" ]; then
    $IMSERVER keys new >"$work/keys.json"
  elif [ -x "$root/dist/imserver" ]; then
    "$root/dist/imserver" keys new >"$work/keys.json"
  elif command -v docker >/dev/null 2>&1; then
    docker build -q -f "$root/deploy/Dockerfile" -t imserver:keys "$root" >/dev/null
    docker run --rm --network none imserver:keys keys new >"$work/keys.json"
  else
    (cd "$root" && npx -y deno@2.8.3 run --allow-read '--allow-env=IMSERVER_*' --ignore-env main.ts keys new) \
      >"$work/keys.json"
  fi
  keep keys.json
fi

# Everything runs as the owner of these files; never as root.
uid=$(id -u) gid=$(id -g)
if [ "$uid" = 0 ]; then
  uid=10001 gid=10001
  chown -R "$uid:$gid" "$out"
fi
if [ -f "$env_file" ] && ! grep -q '^IMSERVER_UID=' "$env_file"; then
  printf 'IMSERVER_UID=%s\nIMSERVER_GID=%s\n' "$uid" "$gid" >>"$env_file"
  echo "added IMSERVER_UID and IMSERVER_GID to $env_file"
fi
