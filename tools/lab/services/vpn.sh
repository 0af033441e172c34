# OpenVPN server with certificates.
cd $D
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout ca.key -out ca.pem -days 2 -subj /CN=ca 2>/dev/null
for n in server client; do
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout $n.key -out $n.csr -subj /CN=$n 2>/dev/null
  openssl x509 -req -in $n.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -out $n.pem 2>/dev/null
done
exec openvpn --dev tun --proto udp --port 1194 --server 10.8.0.0 255.255.255.0 --topology subnet --ca ca.pem --cert server.pem --key server.key --dh none --keepalive 5 30
