package index

import (
	"testing"

	"pgregory.net/rapid"
)

// TestIndexAgainstMap drives the index and a map by the same calls.
func TestIndexAgainstMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := New()
		model := map[uint32]uint32{}
		for range rapid.IntRange(0, 2000).Draw(t, "calls") {
			ref := rapid.Uint32Range(0, 1500).Draw(t, "ref")
			if tag, ok := model[ref]; ok {
				x.Remove(tag, ref)
				delete(model, ref)
			} else {
				tag := rapid.Uint32Range(0, 40).Draw(t, "tag") * 97 // many collisions
				x.Insert(tag, ref)
				model[ref] = tag
			}
		}
		for ref, tag := range model {
			found := false
			for i := tag & x.Mask; x.Places[i].Ref != 0; i = (i + 1) & x.Mask {
				found = found || x.Places[i] == Place{tag, ref + 1}
			}
			if !found {
				t.Fatalf("record %d under tag %d is lost", ref, tag)
			}
		}
		if int(x.Used()) != len(model) {
			t.Fatalf("%d used, want %d", x.Used(), len(model))
		}
	})
}
