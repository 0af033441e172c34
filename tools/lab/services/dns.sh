# DNS, DHCP and TFTP of the office.
mkdir -p $D/tftp
head -c 300000 /dev/urandom >$D/tftp/firmware.bin
chmod -R a+rX $D
exec dnsmasq -k --conf-file=/dev/null -u root --no-hosts --addn-hosts=$W/hosts --no-resolv --server=198.18.0.53 --domain=office.example --expand-hosts --local=/office.example/ \
  --dhcp-range=192.168.60.150,192.168.60.220,10m --dhcp-leasefile=$D/leases --dhcp-authoritative --enable-tftp --tftp-root=$D/tftp --pid-file=$D/pid --log-facility=-
