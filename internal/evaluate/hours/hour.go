package hours

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"time"
)

// hour is the ordinary traffic of one seed.
type hour struct {
	captures int
	frames   []placed // in the order of time
	ends     ends
}

// stream separates the random numbers of an hour from those of other uses of the same seed.
const stream = 0x686f757273

// lay makes the hour of a seed. The same captures and configuration give the same hour.
func (c *Config) lay(captures []*recording, seed uint64) *hour {
	rnd := rand.New(rand.NewPCG(seed, stream))
	drawn := make([]*recording, 0, c.Take)
	for _, i := range rnd.Perm(len(captures))[:min(c.Take, len(captures))] {
		drawn = append(drawn, captures[i])
	}
	slices.SortFunc(drawn, func(a, b *recording) int { return cmp.Compare(a.number, b.number) })
	h := &hour{captures: len(drawn), ends: newEnds()}
	for _, r := range drawn {
		uses := max(1, min(c.Uses, int(span/(r.length()+pause))))
		for host := range c.Hosts {
			frames := make([]frame, len(r.frames))
			for i, f := range r.frames {
				frames[i] = f
				frames[i].data = rename(f.data, byte(r.number), byte(host))
				h.ends.add(frames[i].data)
			}
			for range uses {
				begin := rnd.Float64() * float64(max(time.Second, span-r.length()))
				for i := range frames {
					h.frames = append(h.frames, placed{at(begin + float64(frames[i].at)), &frames[i]})
				}
			}
		}
	}
	slices.SortStableFunc(h.frames, func(a, b placed) int { return cmp.Compare(a.ts, b.ts) })
	return h
}
