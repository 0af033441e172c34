#!/bin/sh
# Runs an npm script of the dashboard (test, check); skips it without Node.
set -eu
if ! tools/node.sh; then
  echo "ui $1: skipped: Node 20.19 or newer is required"
  exit 0
fi
go tool task ui:install
cd ui && npm run --silent "$1"
