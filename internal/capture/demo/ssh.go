package demo

import (
	"encoding/binary"
	"math/rand/v2"
)

// Messages of SSH's key exchange (RFC 4253, RFC 5656).
const (
	sshKexInit   = 20
	sshNewKeys   = 21
	sshECDHInit  = 30
	sshECDHReply = 31
)

// sshLists are the algorithms that an end offers, in the order of RFC 4253 section 7.1.
var sshLists = [10]string{
	"sntrup761x25519-sha512@openssh.com,curve25519-sha256,ecdh-sha2-nistp256,diffie-hellman-group14-sha256",
	"ssh-ed25519,ecdsa-sha2-nistp256,rsa-sha2-512,rsa-sha2-256",
	"chacha20-poly1305@openssh.com,aes128-ctr,aes256-ctr,aes256-gcm@openssh.com", "chacha20-poly1305@openssh.com,aes128-ctr,aes256-ctr,aes256-gcm@openssh.com",
	"umac-64-etm@openssh.com,hmac-sha2-256-etm@openssh.com,hmac-sha2-256", "umac-64-etm@openssh.com,hmac-sha2-256-etm@openssh.com,hmac-sha2-256",
	"none,zlib@openssh.com", "none,zlib@openssh.com",
	"", "",
}

// sshString appends a string as SSH writes it.
func sshString(b []byte, s string) []byte {
	b = binary.BigEndian.AppendUint32(b, uint32(len(s)))
	return append(b, s...)
}

// sshPacket is an unencrypted packet: padded to eight bytes, with at least four of padding.
func sshPacket(kind byte, body []byte) []byte {
	pad := 8 - (6+len(body))%8
	if pad < 4 {
		pad += 8
	}
	b := binary.BigEndian.AppendUint32(nil, uint32(2+len(body)+pad))
	b = append(b, byte(pad), kind)
	return append(append(b, body...), make([]byte, pad)...)
}

// sshOpening is banners and key exchange, up to where encryption begins.
func sshOpening(rng *rand.Rand, banner string) []message {
	offer := func() []byte {
		b := random(rng, 16)
		for _, l := range sshLists {
			b = sshString(b, l)
		}
		return sshPacket(sshKexInit, append(b, 0, 0, 0, 0, 0))
	}
	key := func() string { return string(random(rng, 32)) }
	hostKey := sshString(sshString(nil, "ssh-ed25519"), key())
	signature := sshString(sshString(nil, "ssh-ed25519"), string(random(rng, 64)))
	reply := sshString(sshString(sshString(nil, string(hostKey)), key()), string(signature))
	script := []message{
		whole(true, []byte(banner)), whole(false, []byte("SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n")),
		whole(true, offer()), whole(false, offer()),
		whole(true, sshPacket(sshECDHInit, sshString(nil, key()))),
		whole(false, append(sshPacket(sshECDHReply, reply), sshPacket(sshNewKeys, nil)...)),
		whole(true, sshPacket(sshNewKeys, nil)),
	}
	for i := range script {
		script[i].gap = ms
	}
	return script
}
