package hours

import (
	"bufio"
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/netlyra/netlyra/internal/capture/pcapfile"
)

// find returns the captures among paths and in folders below them whose names are wanted,
// sorted by path.
func find(paths []string, want func(name string) bool) ([]string, error) {
	files, err := pcapfile.Find(paths)
	return slices.DeleteFunc(files, func(name string) bool { return !want(filepath.Base(name)) }), err
}

// entry is what an index says about a capture.
type entry struct {
	kind      string
	attackers []string // as in the index
	prefixes  []netip.Prefix
	macs      []mac
}

// readIndex adds the lines of an index to entries, by the last element of the file's path:
//
//	file<TAB>kind<TAB>attackers[<TAB>…]
//
// Attackers are IP addresses, prefixes and MAC addresses, separated by spaces or commas;
// other words are ignored. Lines that begin with # are comments.
func readIndex(name string, entries map[string]entry) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	in := bufio.NewScanner(f)
	in.Buffer(nil, 1<<20)
	for line := 1; in.Scan(); line++ {
		text := strings.TrimRight(in.Text(), "\r\n ")
		if text == "" || strings.HasPrefix(text, "#") {
			continue
		}
		fields := strings.Split(text, "\t")
		if len(fields) < 2 {
			return fmt.Errorf("index %s, line %d: want file<TAB>kind<TAB>attackers", name, line)
		}
		e := entry{kind: strings.TrimSpace(strings.TrimPrefix(fields[1], "attack:"))}
		if len(fields) > 2 {
			e.parse(fields[2])
		}
		entries[filepath.Base(fields[0])] = e
	}
	if err := in.Err(); err != nil {
		return fmt.Errorf("index %s: %w", name, err)
	}
	return nil
}

// parse adds the addresses in the text.
func (e *entry) parse(text string) {
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" ,;()", r) }) {
		if a, err := netip.ParseAddr(word); err == nil {
			e.prefixes = append(e.prefixes, netip.PrefixFrom(a.Unmap(), a.Unmap().BitLen()))
		} else if p, err := netip.ParsePrefix(word); err == nil {
			e.prefixes = append(e.prefixes, p.Masked())
		} else if m, err := net.ParseMAC(word); err == nil && len(m) == 6 {
			e.macs = append(e.macs, mac(m))
		} else {
			continue
		}
		e.attackers = append(e.attackers, word)
	}
}
