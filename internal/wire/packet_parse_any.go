package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/netlyra/netlyra/internal/models"
)

// Required fields of a packet, as bits.
const (
	hasTS = 1 << iota
	hasSrc
	hasDst
	hasProto
)

// parseAnyPacket parses any valid JSON object. It takes a few microseconds and
// allocates for escapes.
func parseAnyPacket(b []byte, m *models.PacketMeta) error {
	if !json.Valid(b) {
		var v any
		return fmt.Errorf("packet: not valid JSON: %w", json.Unmarshal(b, &v))
	}
	b = bytes.TrimSpace(b)
	if b[0] != '{' {
		return errors.New("packet: want a JSON object")
	}
	seen := 0
	err := eachField(b, func(key string, raw []byte) error {
		bit, err := setField(m, key, raw)
		if err != nil {
			return fmt.Errorf("packet: %s %.40s: %w", key, raw, err)
		}
		seen |= bit
		return nil
	})
	if err != nil {
		return err
	}
	if m.Proto.IsLink() {
		seen |= hasSrc | hasDst
	}
	return missing(seen)
}

// eachField calls set with each field of a valid object that is not null.
func eachField(b []byte, set func(key string, raw []byte) error) error {
	for i := next(b, 1); b[i] != '}'; {
		end := tokenEnd(b, i)
		key, err := unquote(b[i:end])
		if err != nil {
			return err
		}
		i = next(b, next(b, end)+1) // skips the colon
		end = tokenEnd(b, i)
		if raw := b[i:end]; string(raw) != "null" {
			if err := set(key, raw); err != nil {
				return err
			}
		}
		if i = next(b, end); b[i] == ',' {
			i = next(b, i+1)
		}
	}
	return nil
}

func missing(seen int) error {
	var names []string
	for i, n := range []string{"ts", "src_ip", "dst_ip", "proto"} {
		if seen&(1<<i) == 0 {
			names = append(names, n)
		}
	}
	if names == nil {
		return nil
	}
	return fmt.Errorf("packet: no %s", strings.Join(names, ", "))
}

// set stores the value of one field; raw is a valid JSON value other than null.
func setField(m *models.PacketMeta, key string, raw []byte) (bit int, err error) {
	switch key {
	case "ts":
		bit, err = hasTS, setText(raw, func(s string) (err error) { m.TS, err = models.ParseTimestamp(s); return err })
	case "src_ip":
		bit, err = hasSrc, setText(raw, func(s string) error { return notAddr(addr(&m.Src, []byte(s))) })
	case "dst_ip":
		bit, err = hasDst, setText(raw, func(s string) error { return notAddr(addr(&m.Dst, []byte(s))) })
	case "proto":
		bit, err = hasProto, setText(raw, func(s string) error { return setProto(m, s) })
	case "src_port":
		err = setNumber(&m.SrcPort, raw, math.MaxUint16)
	case "dst_port":
		err = setNumber(&m.DstPort, raw, math.MaxUint16)
	case "payload_len":
		err = setNumber(&m.PayloadLen, raw, math.MaxUint32)
	case "tcp_flags":
		err = setText(raw, func(s string) error { return setFlags(m, s) })
	case "entropy":
		err = setEntropy(&m.Entropy, raw)
	default:
		err = setOptional(m, key, raw)
	}
	return bit, err
}

func setOptional(m *models.PacketMeta, key string, raw []byte) error {
	switch key {
	case "wire_len":
		return setNumber(&m.WireLen, raw, math.MaxUint32)
	case "ip_len":
		return setNumber(&m.IPLen, raw, math.MaxUint32)
	case "orig":
		return setOrig(m, raw)
	case "conn":
		return setText(raw, func(s string) (err error) { m.Conn, err = models.ParseConnID(s); return err })
	case "vlan":
		return setNumber(&m.VLAN, raw, 4095)
	case "inner_vlan":
		return setNumber(&m.InnerVLAN, raw, 4095)
	case "tunnel":
		return setTunnel(m, raw)
	case "ttl":
		return setNumber(&m.TTL, raw, math.MaxUint8)
	case "iface":
		return setText(raw, func(s string) error { m.Iface = internIface([]byte(s)); return nil })
	case "src_mac":
		return setMAC(&m.SrcMAC, raw)
	case "dst_mac":
		return setMAC(&m.DstMAC, raw)
	case "hw_addr":
		return setMAC(&m.HWAddr, raw)
	case "msg":
		return setNumber(&m.Msg, raw, math.MaxUint8)
	case "name":
		return setName(&m.Name, raw)
	}
	return nil // a field of a later version or of another tool
}

func notAddr(ok bool) error {
	if ok {
		return nil
	}
	return errors.New("want an IPv4 or IPv6 address without zone")
}

func setMAC(a *models.MAC, raw []byte) error {
	return setText(raw, func(s string) error {
		if !mac(a, []byte(s)) {
			return errors.New("want a link-layer address of six bytes, as 02:00:5e:10:00:01")
		}
		return nil
	})
}

func setProto(m *models.PacketMeta, s string) (err error) {
	var ok bool
	if m.Proto, ok = models.ParseProto(s); !ok {
		err = errors.New("want " + models.ProtoForms)
	}
	return err
}

func setFlags(m *models.PacketMeta, s string) (err error) {
	var ok bool
	if m.Flags, ok = models.ParseTCPFlags(s); !ok {
		err = errors.New("want names of TCP flags joined by commas, such as ACK,PSH")
	}
	return err
}

func setEntropy(v *uint16, raw []byte) error {
	f, err := strconv.ParseFloat(string(raw), 64)
	if err != nil || !(f >= 0 && f <= 8) {
		return errors.New("want bits per byte or character, 0…8")
	}
	*v = uint16(math.Round(f * 100))
	return nil
}

func setOrig(m *models.PacketMeta, raw []byte) error {
	switch string(raw) {
	case "true":
		m.Dir = models.DirOrig
	case "false":
		m.Dir = models.DirResp
	default:
		return errors.New("want true or false")
	}
	return nil
}

func setTunnel(m *models.PacketMeta, raw []byte) error {
	var names []string
	if err := json.Unmarshal(raw, &names); err != nil {
		return errors.New("want a list of strings")
	}
	m.Tunnel = 0
	for _, n := range names {
		k, ok := models.ParseTunnelKind(n)
		if !ok {
			return fmt.Errorf("%.20q is not a known encapsulation", n)
		}
		if m.Tunnel, ok = m.Tunnel.Push(k); !ok {
			return fmt.Errorf("more than %d encapsulations", models.MaxTunnels)
		}
	}
	return nil
}

func setText(raw []byte, set func(string) error) error {
	if raw[0] != '"' {
		return errors.New("want a string")
	}
	s, err := unquote(raw)
	if err != nil {
		return err
	}
	return set(s)
}

// setNumber stores a whole number 0…limit, in any notation.
func setNumber[T uint8 | uint16 | uint32](v *T, raw []byte, limit uint64) error {
	n, err := strconv.ParseUint(string(raw), 10, 64)
	if err != nil {
		f, ferr := strconv.ParseFloat(string(raw), 64)
		if ferr != nil || f < 0 || f != math.Trunc(f) || f > float64(limit) {
			return fmt.Errorf("want a whole number 0…%d", limit)
		}
		n = uint64(f)
	}
	if n > limit {
		return fmt.Errorf("want a whole number 0…%d", limit)
	}
	*v = T(n)
	return nil
}

func unquote(raw []byte) (string, error) {
	if bytes.IndexByte(raw, '\\') < 0 && isASCII(raw) {
		return string(raw[1 : len(raw)-1]), nil
	}
	var s string
	err := json.Unmarshal(raw, &s)
	return s, err
}

func isASCII(b []byte) bool {
	for _, c := range b {
		if c >= 0x80 {
			return false
		}
	}
	return true
}

// next returns the index of the first byte at or after i that is not white space. b is a
// valid object, so there is one.
func next(b []byte, i int) int {
	for b[i] == ' ' || b[i] == '\t' || b[i] == '\n' || b[i] == '\r' {
		i++
	}
	return i
}

// tokenEnd returns the end of the value that begins at i.
func tokenEnd(b []byte, i int) int {
	switch b[i] {
	case '"':
		return stringEnd(b, i)
	case '{', '[':
		return nestedEnd(b, i)
	}
	for {
		switch b[i] {
		case ',', '}', ']', ' ', '\t', '\n', '\r':
			return i
		}
		i++
	}
}

func stringEnd(b []byte, i int) int {
	for i++; b[i] != '"'; i++ {
		if b[i] == '\\' {
			i++
		}
	}
	return i + 1
}

func nestedEnd(b []byte, i int) int {
	for depth := 0; ; {
		switch b[i] {
		case '"':
			i = stringEnd(b, i)
			continue
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		}
		if i++; depth == 0 {
			return i
		}
	}
}
