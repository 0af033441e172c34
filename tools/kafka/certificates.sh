#!/usr/bin/env bash
# Creates PEM certificates for tests:  tools/kafka/certificates.sh DIRECTORY
# ca.pem (authority), broker.pem (key and certificate for 127.0.0.1, in the form that Kafka
# reads), client.pem and client.key; untrusted.pem and untrusted.key are signed by an authority
# that the brokers do not trust.
set -euo pipefail
dir=$1
mkdir -p "$dir"
cd "$dir"
exec 2>openssl.log
trap 'rc=$?; [ $rc -eq 0 ] || cat openssl.log; exit $rc' EXIT

authority() { # name
  openssl req -x509 -newkey rsa:2048 -nodes -days 60 -subj "/CN=NetLyra test $1" -keyout "$1.key" -out "$1.pem"
}

signed() { # name authority usage
  openssl req -newkey rsa:2048 -nodes -subj "/CN=$1" -keyout "$1.key" -out "$1.csr"
  printf 'subjectAltName=IP:127.0.0.1,DNS:localhost\nextendedKeyUsage=%s\n' "$3" >"$1.ext"
  openssl x509 -req -in "$1.csr" -CA "$2.pem" -CAkey "$2.key" -CAcreateserial -days 60 -extfile "$1.ext" -out "$1.crt"
}

authority ca
authority other
signed kafka ca serverAuth
cat kafka.key kafka.crt ca.pem >broker.pem
signed client ca clientAuth && mv client.crt client.pem
signed untrusted other clientAuth && mv untrusted.crt untrusted.pem
