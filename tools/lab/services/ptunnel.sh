# Server of the ICMP tunnel ptunnel-ng.
exec ptunnel-ng -r127.0.0.1 -R80
