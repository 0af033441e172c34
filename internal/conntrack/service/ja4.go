package service

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
)

// ja4 is the JA4 fingerprint of a client (FoxIO, "JA4: TLS Client Fingerprinting",
// BSD 3-clause): transport, version, whether a server name is present, numbers of ciphers
// and extensions, first application protocol; then the hashes of the sorted ciphers,
// and of the sorted extensions with the signature algorithms as they came.
func (h *clientHello) ja4(transport byte) string {
	ciphers := without(h.ciphers, grease)
	extensions := without(h.extensions, grease)
	named := byte('i')
	if h.hasSNI {
		named = 'd'
	}
	head := fmt.Sprintf("%c%s%c%02d%02d%s", transport, versionName(h.version), named,
		min(len(ciphers), 99), min(len(extensions), 99), alpnEnds(h.alpn))

	const serverName, alpn = 0, 16 // counted, but not hashed: they depend on the destination
	slices.Sort(ciphers)
	extensions = without(extensions, func(v uint16) bool { return v == serverName || v == alpn })
	slices.Sort(extensions)
	tail := hexList(extensions)
	if algs := without(h.sigAlgs, grease); len(algs) > 0 {
		tail += "_" + hexList(algs)
	}
	return head + "_" + hash12(hexList(ciphers)) + "_" + hash12(tail)
}

func without(list []uint16, drop func(uint16) bool) []uint16 {
	return slices.DeleteFunc(slices.Clone(list), drop)
}

func versionName(v int) string {
	switch v {
	case 0x0304:
		return "13"
	case 0x0303:
		return "12"
	case 0x0302:
		return "11"
	case 0x0301:
		return "10"
	case 0x0300:
		return "s3"
	case 0x0002:
		return "s2"
	case 0xfeff:
		return "d1"
	case 0xfefd:
		return "d2"
	case 0xfefc:
		return "d3"
	}
	return "00"
}

// alpnEnds returns the first and last character of a protocol, in hexadecimal if they are
// not letters or digits.
func alpnEnds(p string) string {
	if p == "" {
		return "00"
	}
	a, z := p[0], p[len(p)-1]
	if alnum(a) && alnum(z) {
		return string([]byte{a, z})
	}
	x := hex.EncodeToString([]byte{a, z})
	return string([]byte{x[0], x[3]})
}

func alnum(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

func hexList(list []uint16) string {
	var b strings.Builder
	for i, v := range list {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, "%04x", v)
	}
	return b.String()
}

func hash12(s string) string {
	if s == "" {
		return "000000000000"
	}
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:6])
}
