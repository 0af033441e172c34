package service

import (
	"strings"
	"testing"
)

// said is what one end says; of the originator where it begins with >.
type said struct {
	udp  bool
	port uint16
	talk []string
	want ID
}

func pad(s string, n int) string { return s + strings.Repeat("\x00", n-len(s)) }

var dnsQuery = "\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x03www\x07example\x03com\x00\x00\x01\x00\x01"

func TestLook(t *testing.T) {
	for name, c := range map[string]said{
		"http request":             {port: 81, talk: []string{">GET /a HTTP/1.1\r\nHost: x\r\n\r\n"}, want: HTTP},
		"http cut":                 {port: 81, talk: []string{">GET /aaaaaaa"}, want: HTTP},
		"http proxy":               {port: 3128, talk: []string{">CONNECT a:443 HTTP/1.1\r\n\r\n"}, want: HTTP},
		"http response":            {port: 81, talk: []string{"<HTTP/1.1 200 OK\r\n"}, want: HTTP},
		"not http":                 {port: 80, talk: []string{">GETTING on", ">and on"}, want: None},
		"http/2":                   {port: 80, talk: []string{">PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"}, want: HTTP},
		"tls client":               {port: 9, talk: []string{">\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"}, want: SSL},
		"tls server":               {port: 9, talk: []string{"<\x16\x03\x03\x00\x40\x02\x00\x00\x3c\x03\x03"}, want: SSL},
		"tls data is no handshake": {port: 443, talk: []string{">\x17\x03\x03\x00\x40aaaaaa"}, want: None},
		"ssl 2 hello":              {port: 9, talk: []string{">\x80\x2e\x01\x03\x01\x00\x15\x00\x00\x00\x10aaa"}, want: SSL},
		"ssh":                      {port: 9, talk: []string{"<SSH-2.0-OpenSSH_9.6\r\n"}, want: SSH},
		"smtp named":               {port: 9, talk: []string{"<220 mx.example.com ESMTP Postfix\r\n"}, want: SMTP},
		"smtp by command":          {port: 9, talk: []string{"<220 hello\r\n", ">ehlo me\r\n"}, want: SMTP},
		"ftp named":                {port: 9, talk: []string{"<220 ProFTPD 1.3\r\n"}, want: FTP},
		"ftp by command":           {port: 9, talk: []string{"<220 hello\r\n", ">USER a\r\n"}, want: FTP},
		"ftp without greeting":     {port: 21, talk: []string{">USER a\r\n"}, want: FTP},
		"pop3":                     {port: 9, talk: []string{"<+OK ready\r\n", ">USER a\r\n"}, want: POP3},
		"pop3 named":               {port: 9, talk: []string{"<+OK POP3 server ready\r\n"}, want: POP3},
		"imap":                     {port: 9, talk: []string{"<* OK ready\r\n", ">a1 LOGIN x y\r\n"}, want: IMAP},
		"irc":                      {port: 9, talk: []string{">NICK me\r\n"}, want: IRC},
		"sip over tcp":             {port: 9, talk: []string{">REGISTER sip:example.com SIP/2.0\r\n"}, want: SIP},
		"redis":                    {port: 9, talk: []string{">*1\r\n$4\r\nPING\r\n"}, want: Redis},
		"smb 1":                    {port: 9, talk: []string{">\x00\x00\x00\x2f\xffSMB\x72"}, want: SMB},
		"smb 2":                    {port: 9, talk: []string{">\x00\x00\x00\x40\xfeSMB\x40"}, want: SMB},
		"rdp cookie":               {port: 9, talk: []string{">\x03\x00\x00\x1b\x16\xe0\x00\x00\x00\x00\x00Cookie: mstshash"}, want: RDP},
		"rdp negotiation":          {port: 9, talk: []string{">\x03\x00\x00\x13\x0e\xe0\x00\x00\x00\x00\x00\x01\x00\x08\x00\x03\x00\x00\x00"}, want: RDP},
		"s7 is not rdp":            {port: 102, talk: []string{">\x03\x00\x00\x16\x11\xe0\x00\x00\x00\x01\x00\xc1\x02\x01\x00\xc2\x02\x01\x02\xc0\x01\x0a"}, want: None},
		"ldap bind":                {port: 9, talk: []string{">\x30\x0c\x02\x01\x01\x60\x07\x02\x01\x03\x04\x00\x80\x00"}, want: LDAP},
		"ldap result":              {port: 9, talk: []string{"<\x30\x0c\x02\x01\x01\x61\x07\x0a\x01\x00\x04\x00\x04\x00"}, want: LDAP},
		"kerberos over tcp":        {port: 9, talk: []string{">\x00\x00\x00\x20\x6a\x1e\x30\x1c\xa1\x03\x02\x01\x05\xa2\x03\x02\x01\x0a"}, want: Kerberos},
		"mysql":                    {port: 9, talk: []string{"<\x0a\x00\x00\x00\x0a8.0.36\x00xx", ">\x03\x00\x00\x01abc"}, want: MySQL},
		"mysql on its port":        {port: 3306, talk: []string{"<\x0a\x00\x00\x00\x0a8.0.36\x00xx"}, want: MySQL},
		"postgresql tls":           {port: 9, talk: []string{">\x00\x00\x00\x08\x04\xd2\x16\x2f"}, want: PostgreSQL},
		"postgresql start":         {port: 9, talk: []string{">\x00\x00\x00\x10\x00\x03\x00\x00user\x00a\x00\x00"}, want: PostgreSQL},
		"modbus":                   {port: 502, talk: []string{">\x00\x01\x00\x00\x00\x06\x01\x03\x00\x00\x00\x01"}, want: Modbus},
		"not modbus":               {port: 502, talk: []string{">\x00\x01\x00\x05\x00\x06\x01\x03\x00\x00\x00\x01"}, want: None},
		"dnp3":                     {port: 9, talk: []string{">\x05\x64\x05\xc0\x01\x00\x00\x04\xe9\x21"}, want: DNP3},
		"dnp3 with a wrong crc":    {port: 20000, talk: []string{">\x05\x64\x05\xc0\x01\x00\x00\x04\xe9\x22"}, want: None},
		"mqtt":                     {port: 9, talk: []string{">\x10\x10\x00\x04MQTT\x04\x02\x00\x3c\x00\x04abcd"}, want: MQTT},
		"mqtt 3.1":                 {port: 9, talk: []string{">\x10\x12\x00\x06MQIsdp\x03\x02\x00\x3c\x00\x04abcd"}, want: MQTT},
		"dce/rpc bind":             {port: 135, talk: []string{">" + pad("\x05\x00\x0b\x03\x10\x00\x00\x00\x48\x00\x00\x00\x01\x00\x00\x00", 72)}, want: DCERPC},
		"socks 5":                  {port: 9, talk: []string{">\x05\x01\x00"}, want: SOCKS},
		"vnc":                      {port: 9, talk: []string{"<RFB 003.008\n"}, want: RFB},
		"dns over tcp":             {port: 53, talk: []string{">\x00\x21" + dnsQuery}, want: DNS},
		"dns":                      {udp: true, port: 9, talk: []string{">" + dnsQuery}, want: DNS},
		"dns answer":               {udp: true, port: 53, talk: []string{"<\x12\x34\x81\x80\x00\x01\x00\x01\x00\x00\x00\x00\x01a\x00\x00\x01\x00\x01\xc0\x0c"}, want: DNS},
		"not dns":                  {udp: true, port: 53, talk: []string{">aaaaaaaaaaaaaaaaaaaaaaaaaaa"}, want: None},
		"dhcp":                     {udp: true, port: 67, talk: []string{">" + pad("\x01\x01\x06\x00", 236) + "\x63\x82\x53\x63\xff"}, want: DHCP},
		"ntp":                      {udp: true, port: 123, talk: []string{">" + pad("\x23", 48)}, want: NTP},
		"ntp elsewhere":            {udp: true, port: 124, talk: []string{">" + pad("\x23", 48)}, want: None},
		"snmp":                     {udp: true, port: 9, talk: []string{">\x30\x26\x02\x01\x01\x04\x06public\xa0\x19\x02\x04"}, want: SNMP},
		"cldap":                    {udp: true, port: 389, talk: []string{">\x30\x0c\x02\x01\x01\x63\x07\x04\x00\x0a\x01\x00\x0a\x01"}, want: LDAP},
		"kerberos":                 {udp: true, port: 88, talk: []string{">\x6a\x1e\x30\x1c\xa1\x03\x02\x01\x05\xa2\x03\x02\x01\x0a"}, want: Kerberos},
		"sip":                      {udp: true, port: 9, talk: []string{"<SIP/2.0 200 OK\r\n"}, want: SIP},
		"syslog":                   {udp: true, port: 514, talk: []string{"><34>Oct 11 22:14:15 host su"}, want: Syslog},
		"radius":                   {udp: true, port: 1812, talk: []string{">" + pad("\x01\x01\x00\x14", 20)}, want: RADIUS},
		"coap":                     {udp: true, port: 5683, talk: []string{">\x40\x01\x30\x39"}, want: CoAP},
		"stun":                     {udp: true, port: 9, talk: []string{">" + pad("\x00\x01\x00\x00\x21\x12\xa4\x42", 20)}, want: STUN},
		"dtls":                     {udp: true, port: 9, talk: []string{">\x16\xfe\xff\x00\x00\x00\x00\x00\x00\x00\x00\x00\x04\x01\x00\x00\x10"}, want: DTLS},
		"quic":                     {udp: true, port: 9, talk: []string{">" + pad("\xc3\x00\x00\x00\x01\x08aaaaaaaa\x00\x00\x44\xd0", 64)}, want: QUIC},
		"quic version negotiation": {udp: true, port: 9, talk: []string{"<" + "\x80\x00\x00\x00\x00\x04aaaa\x04bbbb\x00\x00\x00\x01\x00\x00\x00\x02"}, want: QUIC},
		"google quic":              {udp: true, port: 9, talk: []string{">" + pad("\x0daaaaaaaaQ039\x01", 40)}, want: QUIC},
		"ssdp":                     {udp: true, port: 1900, talk: []string{">M-SEARCH * HTTP/1.1\r\n"}, want: HTTP},
		"nothing":                  {udp: true, port: 9, talk: []string{">\x00\x01", "<\x02"}, want: None},
	} {
		t.Run(name, func(t *testing.T) {
			var s State
			for _, line := range c.talk {
				s.Look(&Payload{UDP: c.udp, FromOrig: line[0] == '>', OrigPort: 40000, RespPort: c.port, Data: []byte(line[1:])})
			}
			if s.ID != c.want {
				t.Errorf("got %q, want %q", s.ID, c.want)
			}
		})
	}
}

func TestLookStops(t *testing.T) {
	var s State
	for range maxLooks {
		if s.Done() {
			t.Fatal("gave up early")
		}
		s.Look(&Payload{Data: []byte("?")})
	}
	if !s.Done() || s.Look(&Payload{FromOrig: true, Data: []byte("GET / HTTP/1.0\r\n")}) {
		t.Error("still looking")
	}
}

func TestNamesAreDistinct(t *testing.T) {
	seen := map[string]bool{}
	for id := HTTP; id < count; id++ {
		if id.String() == "" || seen[id.String()] {
			t.Errorf("service %d has the name %q", id, id)
		}
		seen[id.String()] = true
	}
	if None.String() != "" || count.String() != "" {
		t.Error("what is no service has a name")
	}
}

func TestLookDoesNotAllocate(t *testing.T) {
	p := Payload{FromOrig: true, RespPort: 9, Data: []byte(strings.Repeat("\x30\x0c\x02\x01\x01\x60\x07\x02", 100))}
	if n := testing.AllocsPerRun(100, func() {
		var s State
		p.UDP = !p.UDP
		s.Look(&p)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func FuzzLook(f *testing.F) {
	f.Add(true, true, uint16(53), []byte(dnsQuery), []byte{})
	f.Add(false, false, uint16(21), []byte("220 x\r\n"), []byte("USER a\r\n"))
	f.Add(false, true, uint16(389), []byte("\x30\x84\x00\x00\x00\x0c\x02\x01\x01\x60\x07\x02\x01\x03\x04\x00\x80\x00"), []byte{})
	f.Fuzz(func(t *testing.T, udp, fromOrig bool, port uint16, a, b []byte) {
		var s State
		s.Look(&Payload{UDP: udp, FromOrig: fromOrig, RespPort: port, Data: a})
		s.Look(&Payload{UDP: udp, FromOrig: !fromOrig, RespPort: port, OrigPort: port, Data: b})
		if s.ID >= count {
			t.Fatalf("service %d", s.ID)
		}
	})
}
