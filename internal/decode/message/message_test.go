package message

import (
	"bytes"
	"testing"

	"github.com/netlyra/netlyra/internal/models"
)

var hw = models.MAC{2, 0, 0, 0, 0, 7}

func cat(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

func dhcp(options ...byte) []byte {
	b := make([]byte, 240, 240+len(options))
	b[0], b[1], b[2] = 1, 1, 6
	copy(b[28:], hw[:])
	copy(b[236:], []byte{0x63, 0x82, 0x53, 0x63})
	return append(b, options...)
}

func TestDHCP(t *testing.T) {
	none := models.MAC{}
	long := dhcp(53, 1, 2)
	long[2] = 16
	answerOf := dhcp(53, 1, 9)
	answerOf[0] = 3
	for _, c := range []struct {
		name string
		b    []byte
		hw   models.MAC
		typ  uint8
	}{
		{"discover", dhcp(53, 1, 1, 255), hw, 1},
		{"padded, after another option", dhcp(0, 0, 61, 2, 9, 9, 53, 1, 7), hw, 7},
		{"after the end", dhcp(255, 53, 1, 1), hw, 0},
		{"of two bytes", dhcp(53, 2, 1, 1), hw, 0},
		{"cut within the option", dhcp(53, 1), hw, 0},
		{"option longer than the message", dhcp(61, 200, 53, 1, 1), hw, 0},
		{"BOOTP", dhcp()[:236], hw, 0},
		{"another cookie", cat(dhcp()[:236], []byte{1, 2, 3, 4, 53, 1, 1}), hw, 0},
		{"hardware address of 16 bytes", long, none, 2},
		{"neither request nor reply", answerOf, none, 0},
		{"cut within the address", dhcp()[:33], none, 0},
		{"empty", nil, none, 0},
	} {
		if hw, typ := ReadDHCP(c.b); hw != c.hw || typ != c.typ {
			t.Errorf("%s: %v, %d; want %v, %d", c.name, hw, typ, c.hw, c.typ)
		}
	}
}

func TestDHCPv6(t *testing.T) {
	none := models.MAC{}
	option := func(n, size byte, parts ...[]byte) []byte { return cat([]byte{0, n, 0, size}, cat(parts...)) }
	head := []byte{1, 0, 0, 9}
	relay := make([]byte, 34)
	relay[0] = 12
	for _, c := range []struct {
		name string
		b    []byte
		hw   models.MAC
		typ  uint8
	}{
		{"link-layer identifier", cat(head, option(8, 2, []byte{0, 1}), option(1, 10, []byte{0, 3, 0, 1}, hw[:])), hw, 1},
		{"with a time", cat(head, option(1, 14, []byte{0, 1, 0, 1, 9, 9, 9, 9}, hw[:])), hw, 1},
		{"enterprise identifier", cat(head, option(1, 10, []byte{0, 2, 0, 1}, hw[:])), none, 1},
		{"address of another length", cat(head, option(1, 12, []byte{0, 3, 0, 1}, hw[:], []byte{1, 2})), none, 1},
		{"identifier of one byte", cat(head, option(1, 1, []byte{0})), none, 1},
		{"relay", cat(relay, option(9, 0), option(79, 8, []byte{0, 1}, hw[:])), hw, 12},
		{"relay without the option", relay, none, 12},
		{"option longer than the message", cat(head, option(1, 99, []byte{0, 3, 0, 1}, hw[:])), none, 1},
		{"short", head[:3], none, 0},
	} {
		if hw, typ := ReadDHCPv6(c.b); hw != c.hw || typ != c.typ {
			t.Errorf("%s: %v, %d; want %v, %d", c.name, hw, typ, c.hw, c.typ)
		}
	}
}

func TestNeighbor(t *testing.T) {
	none := models.MAC{}
	own, their := cat([]byte{1, 1}, hw[:]), cat([]byte{2, 1}, make([]byte, 5), []byte{9})
	target := models.MAC{5: 9}
	for _, c := range []struct {
		name string
		typ  uint8
		b    []byte
		hw   models.MAC
	}{
		{"router solicitation", 133, own, hw},
		{"router advertisement", 134, cat(make([]byte, 8), []byte{5, 1, 0, 0, 0, 0, 5, 0xdc}, own), hw},
		{"neighbor solicitation", 135, cat(make([]byte, 16), own), hw},
		{"neighbor advertisement", 136, cat(make([]byte, 16), own, their), target},
		{"redirect", 137, cat(make([]byte, 32), their), target},
		{"solicitation during address detection", 135, make([]byte, 16), none},
		{"option without length", 135, cat(make([]byte, 16), []byte{3, 0, 0, 0, 0, 0, 0, 0}, own), none},
		{"option that is too long", 135, cat(make([]byte, 16), []byte{1, 2}, hw[:]), none},
		{"address of 14 bytes", 135, cat(make([]byte, 16), []byte{1, 2}, make([]byte, 14)), none},
		{"echo", 128, own, none},
		{"cut", 136, nil, none},
	} {
		if hw := ReadNeighbor(c.typ, c.b); hw != c.hw {
			t.Errorf("%s: %v, want %v", c.name, hw, c.hw)
		}
	}
}

// FuzzMessages: no input makes a parser panic, and a longer capture of the same message never
// turns a stated address into another one.
func FuzzMessages(f *testing.F) {
	f.Add(dhcp(53, 1, 1, 255))
	f.Add(cat([]byte{1, 0, 0, 9, 0, 1, 0, 10, 0, 3, 0, 1}, hw[:]))
	f.Add(cat(make([]byte, 16), []byte{1, 1}, hw[:]))
	f.Add([]byte{0, 1, 8, 0, 6, 4, 0, 1, 2, 0, 0, 0, 0, 7, 10, 0, 0, 1, 0, 0, 0, 0, 0, 0, 10, 0, 0, 2})
	f.Add([]byte{0, 0, 2, 2, 0, 0x80, 0, 2, 0, 0, 0, 0, 7})
	f.Add([]byte{2, 7, 4, 2, 0, 0, 0, 0, 7})
	f.Fuzz(func(t *testing.T, b []byte) {
		all := func(b []byte) (got []models.MAC) {
			a, _ := ReadARP(b)
			_, root, _ := ReadBPDU(b)
			chassis, _ := ReadLLDP(b)
			dhcp, _ := ReadDHCP(b)
			dhcp6, _ := ReadDHCPv6(b)
			got = append(got, a.HW, root, chassis, dhcp, dhcp6)
			for typ := uint8(130); typ < 140; typ++ {
				got = append(got, ReadNeighbor(typ, b))
			}
			return got
		}
		short, whole := all(b[:len(b)/2]), all(b)
		for i := range short {
			if !short[i].IsZero() && short[i] != whole[i] {
				t.Errorf("%d: %v of the first half, %v of the whole", i, short[i], whole[i])
			}
		}
	})
}
