#!/bin/sh
# Makes the nodes of compose.yaml anew, one after the other, while the other one serves: after a new image, or a change of .env. nginx sends
# nothing more to a node before it is stopped, and again when it is well.
set -eu
cd "$(dirname "$0")/../.."
servers=deploy/compose/nginx/default.conf

reload() {
  # At one go, since nginx may be reading it, for the change before; and with the rights that it has.
  cp -p "$servers" "$servers.new"
  sed "$1" "$servers" > "$servers.new"
  mv "$servers.new" "$servers"
  docker compose exec -T nginx nginx -s reload
}
in='s/:3000 down /:3000 /'
# Whatever fails, no node stays out that may be well.
trap 'reload "$in"' EXIT

for node in 1 2; do
  reload "s/\(server 172\.30\.80\.1$node:3000\) /\1 down /"
  docker compose up --detach --no-deps --wait "homing-$node"
  reload "$in"
done
