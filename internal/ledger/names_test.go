package ledger

import (
	"encoding/json"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
)

func TestOldNames(t *testing.T) {
	before := []models.StageCounts{
		{Stage: "send alerts", In: 3, Out: 1, Dropped: map[string]uint64{"refused by the broker": 2}},
		{Stage: "score", In: 9, Out: 4, Dropped: map[string]uint64{"warm-up": 4, "warm_up": 1}},
		{Stage: "decode", In: 2, Dropped: map[string]uint64{"not IP": 2}},
	}
	want := []models.StageCounts{
		{Stage: vocabulary.StageSendAlerts, In: 3, Out: 1, Dropped: map[string]uint64{vocabulary.DropPublishRefused: 2}},
		{Stage: vocabulary.StageScore, In: 9, Out: 4, Dropped: map[string]uint64{vocabulary.DropWarmUp: 5}},
		{Stage: vocabulary.StageDecode, In: 2, Dropped: map[string]uint64{"not_ip": 2}},
	}
	if diff := cmp.Diff(want, withCodes(before)); diff != "" {
		t.Error(diff)
	}
	if before[0].Stage != "send alerts" || len(before[1].Dropped) != 2 {
		t.Error("the report was changed in place")
	}
}

// A ledger that an earlier version saved, and processes of an earlier version, balance
// with processes of this one.
func TestLedgerOfAnEarlierVersion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.standard()
		w.flow(1000, 990, 990)
		pass(&models.InstanceStats{Stages: w.now["engine"].Stages[2:]}, 10)
		w.now["sensor"].Stages[3].Out -= 10
		w.now["sensor"].Stages[3].Dropped = map[string]uint64{vocabulary.DropPublishRefused: 10}
		w.now["engine"].Partitions[0].Missing = 10
		w.record(10)
		w.rest(all...)
		w.expect(true, true)
		state, err := w.book.State()
		if err != nil {
			t.Fatal(err)
		}
		w.book = NewBook("alerts", "connections")
		if _, err := w.book.Restore(withOldNames(t, state)); err != nil {
			t.Fatal(err)
		}
		for range 30 { // the sensor still runs the earlier version
			<-time.After(100 * time.Millisecond)
			w.report("engine", "core")
			old := *w.now["sensor"]
			old.TS = models.TimestampOf(time.Now())
			old.Stages = decode[[]models.StageCounts](t, withOldNames(t, encode(t, old.Stages)))
			w.book.Observe(&old)
		}
		l := w.expect(true, true)
		c := w.check(l, vocabulary.CheckLog)
		if len(l.Conditions) != 0 || total(c.In) != 1000 || c.In[len(c.In)-1].Name != vocabulary.TermRefused {
			t.Errorf("%+v, %+v", l.Conditions, c)
		}
	})
}

// withOldNames replaces identifiers in JSON by the names of earlier versions.
func withOldNames(t *testing.T, b []byte) []byte {
	t.Helper()
	old := map[string]string{}
	for name, code := range oldStages {
		old[code] = name
	}
	for name, code := range oldReasons {
		old[code] = name
	}
	return encode(t, rename(decode[any](t, b), old))
}

// rename replaces the keys and strings in v.
func rename(v any, names map[string]string) any {
	to := func(s string) string {
		if n, ok := names[s]; ok {
			return n
		}
		return s
	}
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for key, value := range v {
			out[to(key)] = rename(value, names)
		}
		return out
	case []any:
		for i := range v {
			v[i] = rename(v[i], names)
		}
		return v
	case string:
		return to(v)
	}
	return v
}

func encode(t *testing.T, v any) []byte {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func decode[T any](t *testing.T, b []byte) (v T) {
	t.Helper()
	if err := json.Unmarshal(b, &v); err != nil {
		t.Fatal(err)
	}
	return v
}
