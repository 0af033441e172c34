# SNMP agent.
printf 'rocommunity public\nagentaddress udp:161\nsysLocation lab\n' >$D/conf
exec snmpd -f -Lo -C -c $D/conf -p $D/pid -I -smux
