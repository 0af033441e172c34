#!/bin/sh
# Installs Debian packages for the lab without starting their services:
#   tools/lab/install.sh            all packages of packages.tsv
#   tools/lab/install.sh quick      those of the quick run
#   tools/lab/install.sh PACKAGE…   the named ones
set -eu
table=$(dirname "$0")/packages.tsv
case ${1:-all} in
all) set -- $(grep -v '^#' "$table" | cut -f 1) ;;
quick) set -- $(grep -v '^#' "$table" | awk -F '\t' '$3 == "quick" { print $1 }') ;;
esac
[ "$(id -u)" -eq 0 ] || { echo "install.sh: root is required; run: sudo tools/lab/install.sh" >&2; exit 1; }
command -v apt-get >/dev/null || { echo "install.sh: apt-get is required: this script knows Debian packages only" >&2; exit 1; }
# invoke-rc.d asks policy-rc.d whether it may start a service; 101 means no.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod 755 "$policy"
  trap 'rm -f "$policy"' EXIT
  trap 'exit 1' INT TERM
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
known=
for package; do
  if apt-cache show "$package" >/dev/null 2>&1; then known="$known $package"; else echo "install.sh: this release has no package $package" >&2; fi
done
# shellcheck disable=SC2086
apt-get install -y -qq --no-install-recommends $known >/dev/null
