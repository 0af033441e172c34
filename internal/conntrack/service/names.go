package service

// ID identifies an application protocol; None is no protocol.
type ID uint8

// The protocols.
const (
	None ID = iota
	HTTP
	SSL
	DTLS
	QUIC
	DNS
	SSH
	SMTP
	FTP
	POP3
	IMAP
	DHCP
	NTP
	SMB
	RDP
	LDAP
	Kerberos
	MySQL
	PostgreSQL
	Redis
	Modbus
	DNP3
	MQTT
	SIP
	SNMP
	SOCKS
	RFB
	Syslog
	RADIUS
	IRC
	CoAP
	STUN
	DCERPC
	Teredo
	VXLAN
	Geneve
	GTP
	AYIYA
	count
)

var names = [count]string{"", "http", "ssl", "dtls", "quic", "dns", "ssh", "smtp", "ftp", "pop3", "imap", "dhcp", "ntp", "smb", "rdp",
	"ldap", "krb", "mysql", "postgresql", "redis", "modbus", "dnp3", "mqtt", "sip", "snmp", "socks", "rfb", "syslog",
	"radius", "irc", "coap", "stun", "dce_rpc", "teredo", "vxlan", "geneve", "gtpv1", "ayiya"}

// String returns Zeek's name of the protocol, "" for None.
func (id ID) String() string {
	if id < count {
		return names[id]
	}
	return ""
}
