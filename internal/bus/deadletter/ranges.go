package deadletter

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// ranges is a set of offsets as the fewest possible spans in order, with inclusive ends.
type ranges []offsetRange

type offsetRange struct{ from, to int64 }

func (s ranges) find(o int64) int {
	i, _ := slices.BinarySearchFunc(s, o, func(r offsetRange, o int64) int {
		if r.to < o {
			return -1
		}
		return 1
	})
	return i // the first span that ends at or after o
}

func (s ranges) has(o int64) bool {
	i := s.find(o)
	return i < len(s) && s[i].from <= o
}

func (s *ranges) add(o int64) { s.addAll(o, o) }

// addAll adds the offsets from to to, inclusive.
func (s *ranges) addAll(from, to int64) {
	i := s.find(from - 1) // the first span that joins or overlaps
	j := i
	for j < len(*s) && (*s)[j].from <= to+1 {
		from, to = min(from, (*s)[j].from), max(to, (*s)[j].to)
		j++
	}
	*s = slices.Replace(*s, i, j, offsetRange{from, to})
}

func (s ranges) String() string {
	var b strings.Builder
	for i, r := range s {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(strconv.FormatInt(r.from, 10))
		if r.to > r.from {
			b.WriteString("-" + strconv.FormatInt(r.to, 10))
		}
	}
	return b.String()
}

func parseRanges(text string) (ranges, error) {
	var s ranges
	for part := range strings.SplitSeq(text, ",") {
		a, b, more := strings.Cut(part, "-")
		if !more {
			b = a
		}
		from, err1 := strconv.ParseInt(a, 10, 64)
		to, err2 := strconv.ParseInt(b, 10, 64)
		if err := errors.Join(err1, err2); err != nil {
			return nil, err
		}
		if from < 0 || to < from || len(s) > 0 && from <= s[len(s)-1].to {
			return nil, fmt.Errorf("%q is out of order", part)
		}
		s = append(s, offsetRange{from, to})
	}
	return s, nil
}
