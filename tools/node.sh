#!/bin/sh
# Succeeds if a Node version that can build the dashboard is installed.
command -v npm >/dev/null 2>&1 && node -e '
  const [major, minor] = process.versions.node.split(".").map(Number)
  process.exit(major > 20 || (major === 20 && minor >= 19) ? 0 : 1)' >/dev/null 2>&1
