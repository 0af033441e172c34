# DNS of the internet: site1.example … site40.example exist, domains of tunnels are delegated to c2, all other names do not exist.
for n in $(seq 40); do echo "host-record=site$n.example,www.site$n.example,198.18.10.$n"; done >$D/conf
echo 'host-record=six.example,198.18.10.1,2001:db8:12:a::1
host-record=c2.example,198.18.66.80
host-record=ntp.example,198.18.0.123
txt-record=site1.example,"v=spf1 include:site2.example -all"
mx-host=site1.example,www.site1.example,10
server=/t.example/198.18.66.80
address=/#/
no-resolv
no-hosts' >>$D/conf
exec dnsmasq -k --conf-file=$D/conf -u root --port=53 --pid-file=$D/pid --log-facility=-
