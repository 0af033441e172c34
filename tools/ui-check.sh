#!/bin/sh
# Runs one of the page's npm scripts (test, check), or says why not.
set -eu
if ! tools/node.sh; then
  echo "ui $1 — left out: no Node 20.19 or newer here"
  exit 0
fi
go tool task ui:install
cd ui && npm run --silent "$1"
