package wire

import (
	"testing"

	"github.com/netlyra/netlyra/internal/models"
)

func TestSequenceRoundTrip(t *testing.T) {
	want := models.Sequence{Producer: 1 << 63, Number: 7, Order: 1<<40 + 3, Epoch: models.NewEpoch(65535, 1<<47)}
	b := AppendSequence(nil, want)
	if len(b) != SequenceSize || ParseSequence(b) != want {
		t.Errorf("%+v came back as %+v", want, ParseSequence(b))
	}
	if e := want.Epoch; e.Partitions() != 65535 || e.Since() != 1<<47 {
		t.Errorf("epoch has %d partitions since %d", e.Partitions(), e.Since())
	}
}

// Headers without an epoch are still parsed; other lengths give the zero Sequence.
func TestSequenceOfOldProducers(t *testing.T) {
	want := models.Sequence{Producer: 5, Number: 6, Order: 7}
	if got := ParseSequence(AppendSequence(nil, want)[:24]); got != want {
		t.Errorf("a header of 24 bytes is %+v", got)
	}
	for n := range 64 {
		if n != 24 && n != 32 && ParseSequence(make([]byte, n)) != (models.Sequence{}) {
			t.Errorf("a header of %d bytes was parsed", n)
		}
	}
}
