package service

// sample is the first payload of a protocol that identifies it alone.
type sample struct {
	name string
	udp  bool
	resp bool   // sent by the responder
	port uint16 // of the responder
	data string
	want ID
}

// payload returns the sample as a payload.
func (s *sample) payload(data []byte) *Payload {
	return &Payload{UDP: s.udp, FromOrig: !s.resp, OrigPort: 50000, RespPort: s.port, Data: data}
}

// detect returns what a new state makes of one payload.
func detect(p *Payload) ID {
	var s State
	s.Look(p)
	return s.ID
}

var ldapBind = "\x30\x0c\x02\x01\x01\x60\x07\x02\x01\x03\x04\x00\x80\x00"

var kerberosRequest = pad("\x6a\x1e\x30\x1c\xa1\x03\x02\x01\x05\xa2\x03\x02\x01\x0a", 32)

// samples has one payload or more of each protocol that one payload identifies.
var samples = []sample{
	{name: "http get", port: 8000, data: "GET /index.html HTTP/1.1\r\nHost: a.example\r\n\r\n", want: HTTP},
	{name: "http options", port: 8000, data: "OPTIONS * HTTP/1.1\r\nHost: a.example\r\n\r\n", want: HTTP},
	{name: "http status", resp: true, port: 8000, data: "HTTP/1.0 404 Not Found\r\n\r\n", want: HTTP},
	{name: "tls client", port: 4000, data: "\x16\x03\x01\x00\x2f\x01\x00\x00\x2b\x03\x03" + pad("", 41), want: SSL},
	{name: "ssl 2 client", port: 4000, data: "\x80\x2e\x01\x03\x01\x00\x15\x00\x00\x00\x10" + pad("", 37), want: SSL},
	{name: "ssh", resp: true, port: 4000, data: "SSH-2.0-OpenSSH_9.9\r\n", want: SSH},
	{name: "vnc", resp: true, port: 4000, data: "RFB 003.008\n", want: RFB},
	{name: "smtp", resp: true, port: 4000, data: "220 mx.example ESMTP\r\n", want: SMTP},
	{name: "smtp multi-line", resp: true, port: 4000, data: "220-mx.example smtp\r\n220 ready\r\n", want: SMTP},
	{name: "ftp", resp: true, port: 4000, data: "220 a.example FTP server ready\r\n", want: FTP},
	{name: "pop3", resp: true, port: 4000, data: "+OK Dovecot POP3 ready\r\n", want: POP3},
	{name: "imap", resp: true, port: 4000, data: "* OK [CAPABILITY IMAP4rev1] ready\r\n", want: IMAP},
	{name: "redis", port: 4000, data: "*2\r\n$3\r\nGET\r\n$1\r\na\r\n", want: Redis},
	{name: "irc", port: 4000, data: "NICK someone\r\nUSER a 0 * :A\r\n", want: IRC},
	{name: "sip stream", port: 4000, data: "INVITE sip:a@b.example SIP/2.0\r\n", want: SIP},
	{name: "smb 2", port: 4000, data: "\x00\x00\x00\x44\xfeSMB" + pad("\x40", 64), want: SMB},
	{name: "rdp", port: 4000, data: "\x03\x00\x00\x13\x0e\xe0\x00\x00\x00\x00\x00\x01\x00\x08\x00\x03\x00\x00\x00", want: RDP},
	{name: "dnp3", port: 4000, data: "\x05\x64\x05\xc0\x01\x00\x00\x04\xe9\x21", want: DNP3},
	{name: "mqtt", port: 4000, data: "\x10\x10\x00\x04MQTT\x04\x02\x00\x3c\x00\x04abcd", want: MQTT},
	{name: "mqtt with a long length", port: 4000, data: "\x10\x90\x01\x00\x04MQTT\x04\x02\x00\x3c" + pad("\x00\x04abcd", 134), want: MQTT},
	{name: "ldap", port: 4000, data: ldapBind, want: LDAP},
	{name: "ldap with long lengths", port: 4000, data: "\x30\x84\x00\x00\x00\x0c\x02\x01\x01\x60\x84\x00\x00\x00\x07\x02\x01\x03\x04\x00\x80\x00", want: LDAP},
	{name: "kerberos stream", port: 4000, data: "\x00\x00\x00\x20" + kerberosRequest, want: Kerberos},
	{name: "mysql", resp: true, port: 4000, data: "\x0f\x00\x00\x00\x0a5.5.5-MariaDB\x00", want: MySQL},
	{name: "postgresql", port: 4000, data: "\x00\x00\x00\x10\x00\x03\x00\x00user\x00a\x00\x00", want: PostgreSQL},
	{name: "postgresql cancel", port: 4000, data: "\x00\x00\x00\x10\x04\xd2\x16\x2e\x00\x00\x00\x01\x00\x00\x00\x02", want: PostgreSQL},
	{name: "modbus", port: 502, data: "\x00\x01\x00\x00\x00\x06\x01\x03\x00\x00\x00\x01", want: Modbus},
	{name: "dce/rpc little-endian", port: 4000, data: pad("\x05\x00\x0b\x03\x10\x00\x00\x00\x48\x00\x00\x00\x01\x00\x00\x00", 72), want: DCERPC},
	{name: "dce/rpc big-endian", port: 4000, data: pad("\x05\x00\x0b\x03\x00\x00\x00\x00\x00\x48\x00\x00\x00\x00\x00\x01", 72), want: DCERPC},
	{name: "dns stream", port: 53, data: "\x00\x21" + dnsQuery, want: DNS},
	{name: "socks 5", port: 4000, data: "\x05\x02\x00\x02", want: SOCKS},
	{name: "socks 4", port: 1080, data: "\x04\x01\x00\x50\xc0\x00\x02\x01\x00", want: SOCKS},

	{name: "dns", udp: true, port: 4000, data: dnsQuery, want: DNS},
	{name: "mdns", udp: true, port: 5353, data: "\x00\x00\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x04_ipp\x04_tcp\x05local\x00\x00\x0c\x80\x01", want: DNS},
	{name: "netbios name", udp: true, port: 137, data: "\x80\x01\x01\x10\x00\x01\x00\x00\x00\x00\x00\x00\x20CKAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\x00\x00\x21\x00\x01", want: DNS},
	{name: "quic initial", udp: true, port: 4000, data: pad("\xc3\x00\x00\x00\x01\x08aaaaaaaa\x00\x00\x44\xd0", 64), want: QUIC},
	{name: "quic version 2", udp: true, port: 4000, data: pad("\xd3\x6b\x33\x43\xcf\x08aaaaaaaa\x00\x00\x44\xd0", 64), want: QUIC},
	{name: "dhcp", udp: true, port: 67, data: pad("\x01\x01\x06\x00", 236) + "\x63\x82\x53\x63\x35\x01\x01\xff", want: DHCP},
	{name: "stun", udp: true, port: 4000, data: pad("\x00\x01\x00\x08\x21\x12\xa4\x42", 28), want: STUN},
	{name: "dtls", udp: true, port: 4000, data: "\x16\xfe\xff\x00\x00\x00\x00\x00\x00\x00\x00\x00\x10" + pad("\x01\x00\x00\x04", 16), want: DTLS},
	{name: "snmp 2c", udp: true, port: 4000, data: "\x30\x26\x02\x01\x01\x04\x06public\xa0\x19\x02\x04" + pad("", 21), want: SNMP},
	{name: "snmp 3", udp: true, port: 4000, data: "\x30\x3e\x02\x01\x03\x30\x11\x02\x04" + pad("", 55), want: SNMP},
	{name: "cldap", udp: true, port: 4000, data: "\x30\x0c\x02\x01\x01\x63\x07\x04\x00\x0a\x01\x00\x0a\x01\x00", want: LDAP},
	{name: "kerberos", udp: true, port: 4000, data: kerberosRequest, want: Kerberos},
	{name: "sip", udp: true, resp: true, port: 4000, data: "SIP/2.0 100 Trying\r\n", want: SIP},
	{name: "ntp", udp: true, port: 123, data: pad("\x1b", 48), want: NTP},
	{name: "ntp control", udp: true, port: 123, data: pad("\x16\x01", 12), want: NTP},
	{name: "syslog", udp: true, port: 4000, data: "<165>1 2026-01-02T03:04:05Z host app - - - text", want: Syslog},
	{name: "radius", udp: true, port: 1645, data: pad("\x01\x01\x00\x14", 20), want: RADIUS},
	{name: "coap", udp: true, port: 5683, data: "\x44\x01\x30\x39\x01\x02\x03\x04", want: CoAP},
	{name: "ssdp", udp: true, port: 1900, data: "M-SEARCH * HTTP/1.1\r\nST: ssdp:all\r\n\r\n", want: HTTP},
}
