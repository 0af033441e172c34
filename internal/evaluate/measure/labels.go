package measure

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// Labels maps each packet of a capture to its attack.
type Labels struct {
	Names []string // of attacks, in order of first occurrence
	of    []uint16 // by packet, from 0: index in Names plus 1; 0 is benign
	given int
}

// unnamed is the name of the attack in label files without names.
const unnamed = "attack"

const mostAttacks = 1 << 12

// At returns the index in Names of a packet's attack, or -1 if it is benign or has no
// label. Packets count from 0.
func (l *Labels) At(packet int) int {
	if packet >= len(l.of) {
		return -1
	}
	return int(l.of[packet]) - 1
}

// Last returns the index, from 1, of the last packet with a label.
func (l *Labels) Last() int { return len(l.of) }

// ReadLabels reads lines index,label or index;label, with index from 1 and label
// 0 (benign) or 1 (attack). A header is skipped; an optional third column names the attack.
// name is the file name for errors.
func ReadLabels(r io.Reader, name string) (*Labels, error) {
	l := &Labels{}
	in := bufio.NewScanner(r)
	for line := 1; in.Scan(); line++ {
		text := strings.TrimSpace(in.Text())
		if line == 1 {
			text = strings.TrimPrefix(text, "\ufeff")
		}
		if text == "" || strings.HasPrefix(text, "#") {
			continue
		}
		if err := l.line(text); err != nil {
			if line == 1 { // a header
				continue
			}
			return nil, fmt.Errorf("labels %s, line %d: %w", name, line, err)
		}
	}
	if err := in.Err(); err != nil {
		return nil, fmt.Errorf("labels %s: %w", name, err)
	}
	if l.given == 0 {
		return nil, fmt.Errorf("labels %s: no line has the form index,label", name)
	}
	return l, nil
}

// mostPackets limits the index of a label, so that an invalid file cannot exhaust memory.
const mostPackets = 1 << 31

func (l *Labels) line(text string) error {
	fields := strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ';' || r == '\t' })
	if len(fields) < 2 {
		return fmt.Errorf("%.40q: want index,label or index;label", text)
	}
	index, err := strconv.Atoi(strings.TrimSpace(fields[0]))
	if err != nil || index < 1 || index > mostPackets {
		return fmt.Errorf("index %.20q: want a number from 1", fields[0])
	}
	attack := uint16(0)
	switch label := strings.TrimSpace(fields[1]); label {
	case "0", "0.0":
	case "1", "1.0":
		name := unnamed
		if len(fields) > 2 && strings.TrimSpace(fields[2]) != "" {
			name = strings.TrimSpace(fields[2])
		}
		if attack, err = l.attack(name); err != nil {
			return err
		}
	default:
		return fmt.Errorf("label %.20q: want 0 or 1", label)
	}
	for len(l.of) < index {
		l.of = append(l.of, 0)
	}
	l.of[index-1] = attack
	l.given++
	return nil
}

func (l *Labels) attack(name string) (uint16, error) {
	for i, n := range l.Names {
		if n == name {
			return uint16(i + 1), nil
		}
	}
	if len(l.Names) == mostAttacks {
		return 0, fmt.Errorf("attack %.40q exceeds the limit of %d attacks", name, mostAttacks)
	}
	l.Names = append(l.Names, name)
	return uint16(len(l.Names)), nil
}
