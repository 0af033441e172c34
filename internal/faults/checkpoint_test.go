package faults_test

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/netlyra/netlyra/internal/faults"
	"github.com/netlyra/netlyra/internal/models"
)

// catalogue is the part of a lane's catalogue that the test needs: the newest checkpoints and
// the positions of their chunks on the topic.
type catalogue struct {
	Version     int              `json:"version"`
	Checkpoints []map[string]any `json:"checkpoints"` // the newest last
}

// damage makes the newest checkpoint of lane 0, or all of them, unreadable: how changes the
// last chunk of each, as a faulty disk would.
func damage(t *testing.T, address string, all bool, how func(value []byte) []byte) {
	t.Helper()
	type place struct {
		Partition int32
		Offset    int64
	}
	at := map[place]*kgo.Record{}
	var head *kgo.Record
	for _, rec := range readAll(t, address, models.TopicCheckpoints) {
		at[place{rec.Partition, rec.Offset}] = rec
		if string(rec.Key) == engineGroup+"/0/head" {
			head = rec
		}
	}
	if head == nil {
		t.Fatal("no checkpoint to damage")
	}
	var c catalogue
	d := json.NewDecoder(bytes.NewReader(head.Value))
	d.UseNumber()
	if err := d.Decode(&c); err != nil || len(c.Checkpoints) == 0 {
		t.Fatalf("%s: %v", head.Value, err)
	}
	number := func(v any) int64 { n, _ := v.(json.Number).Int64(); return n }
	cl := dial(t, address, kgo.ProducerBatchMaxBytes(1<<20))
	for i, entry := range c.Checkpoints {
		if !all && i < len(c.Checkpoints)-1 {
			continue
		}
		chunks := entry["chunks"].([]any)
		last := chunks[len(chunks)-1].(map[string]any)
		rec := at[place{int32(number(last["p"])), number(last["o"])}]
		if rec == nil {
			continue // already compacted
		}
		bad := &kgo.Record{Topic: rec.Topic, Partition: rec.Partition, Key: rec.Key, Value: how(bytes.Clone(rec.Value))}
		produce(t, cl, bad)
		last["o"] = bad.Offset
	}
	value, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	produce(t, cl, &kgo.Record{Topic: head.Topic, Partition: head.Partition, Key: head.Key, Value: value})
}

// cut keeps the first half; garble changes one byte.
func cut(b []byte) []byte    { return b[:len(b)/2] }
func garble(b []byte) []byte { b[len(b)*3/4] ^= 0x55; return b }

// TestCheckpointTorn damages the newest checkpoint of a killed engine: the next engine
// must use the previous checkpoint and log that.
func TestCheckpointTorn(t *testing.T) {
	t.Parallel()
	ref := office(t)
	ways := []func([]byte) []byte{cut, garble}
	cfg := config()
	cfg.Engines = 0
	r := faults.New(t, cfg)
	engine := r.StartEngine(r.Address)
	replay := r.Replay(ref.Capture, rate(ref, lasting(len(ways)+1)))
	for i, way := range ways {
		r.WaitTaken(ref.Packets * uint64(2*i+2) / uint64(2*len(ways)+2))
		engine.Kill()
		damage(t, r.Address, false, way)
		engine = r.StartEngine(r.Address)
		engine.Says(time.Minute, `"event":"checkpoints_unreadable","fallback":true`)
	}
	r.Check(replay, ref)
}

// TestCheckpointsAllTorn damages every checkpoint: the next engine must start with an
// untrained model and log that.
func TestCheckpointsAllTorn(t *testing.T) {
	t.Parallel()
	ref := office(t)
	cfg := config()
	cfg.Engines = 0
	r := faults.New(t, cfg)
	engine := r.StartEngine(r.Address)
	replay := r.Replay(ref.Capture, rate(ref, lasting(2)))
	r.WaitTaken(ref.Packets / 3)
	engine.Kill()
	damage(t, r.Address, true, garble)
	engine = r.StartEngine(r.Address)
	engine.Says(time.Minute, `"event":"checkpoints_unreadable","fallback":false`)
	if n := r.Published(replay); n != ref.Packets {
		t.Errorf("%d packets were published of %d", n, ref.Packets)
	}
	faults.Eventually(t, time.Minute, "all is read", func() bool {
		s, err := r.Stats()
		return err == nil && s.Warm && s.Lag.Packets == 0 && s.Lag.Alerts == 0
	})
	r.CheckProcesses()
}
