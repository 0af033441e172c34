#!/usr/bin/env bash
# An authority, a certificate for brokers on 127.0.0.1 and one for a client, all PEM,
# for tests:  tools/kafka/certificates.sh DIRECTORY
# ca.pem, broker.pem (key and certificate, as Kafka wants them), client.pem, client.key;
# stranger.pem and stranger.key are of an authority that nobody knows.
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
signed stranger other clientAuth && mv stranger.crt stranger.pem
