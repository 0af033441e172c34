# Server of the DNS tunnel dns2tcp.
printf 'listen = 0.0.0.0\nport = 53\nuser = root\nchroot = /tmp\ndomain = t.example\nresources = ssh:127.0.0.1:22,web:127.0.0.1:80\n' >$D/conf
exec dns2tcpd -F -d 1 -f $D/conf
