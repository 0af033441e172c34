package faults_test

import (
	"bytes"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/netlyra/netlyra/internal/capture"
	"github.com/netlyra/netlyra/internal/capture/pcapfile"
	"github.com/netlyra/netlyra/internal/faults"
	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/wire"
)

// poison is values that no consumer can use, by content type.
func poison() (records []*kgo.Record) {
	var enc wire.PackedEncoder
	for i := range 5 {
		enc.Append(&models.PacketMeta{TS: models.Timestamp(i), SrcPort: 4, DstPort: 5})
	}
	packed := enc.AppendTo(nil)
	add := func(contentType string, values ...[]byte) {
		for _, v := range values {
			rec := &kgo.Record{Value: v}
			if contentType != "" {
				rec.Headers = []kgo.RecordHeader{{Key: models.HeaderContentType, Value: []byte(contentType)}}
			}
			records = append(records, rec)
		}
	}
	noise := make([]byte, 1<<20-600) // with its headers, the maximum that a broker accepts
	rng := rand.New(rand.NewPCG(1, 2))
	for i := range noise {
		noise[i] = byte(rng.Uint32())
	}
	text := func(s string) []byte { return []byte(s) }
	add("", text("garbage"), text("\x00\xff\xfe"), nil, text("{"), text(`{"ts":`), text(`[]`), text(`null`), text(`7`), text(`"text"`))
	add("", text(`{"ts":5}`), text(`{"ts":"yesterday"}`), text(`{"src_ip":["a"]}`), text(`{"src_ip":"no address"}`), text(`{"src_port":-1,"score":"high","id":{}}`))
	add("", noise, append([]byte(`{"ts":"`), bytes.Repeat([]byte("9"), 8<<20)...), bytes.Repeat([]byte("["), 8<<20))
	add("text/html", text("<html>"), packed)
	add(models.ContentTypePacked, nil, text("{}"), packed[:1], packed[:len(packed)/2], packed[:len(packed)-1], noise)
	return records
}

// TestPoison writes unreadable records among packets, alerts and connections.
// Each becomes a dead letter with the reason, and nothing else changes.
func TestPoison(t *testing.T) {
	t.Parallel()
	ref := office(t)
	r := faults.New(t, config())
	replay := r.Replay(ref.Capture, rate(ref, 4*time.Second))
	cl := dial(t, r.Address, kgo.ProducerBatchCompression(kgo.SnappyCompression()), kgo.ProducerBatchMaxBytes(16<<20))
	topics := []string{models.TopicPackets, models.TopicAlerts, models.TopicConnections}
	wrote := map[string]int{}
	for round := range *runs {
		r.WaitTaken(ref.Packets * uint64(round+1) / uint64(*runs+2))
		for _, topic := range topics {
			for _, rec := range poison() {
				rec.Topic = topic
				produce(t, cl, rec)
				wrote[topic]++
			}
		}
	}
	r.Check(replay, ref)
	put := map[string]int{}
	faults.Eventually(t, 20*time.Second, "the dead letters", func() bool {
		clear(put)
		for _, rec := range readAll(t, r.Address, models.TopicDeadLetters) {
			put[header(rec, models.HeaderTopic)]++
			if header(rec, models.HeaderReason) == "" {
				t.Fatal("a dead letter without a reason")
			}
		}
		return put[topics[0]] >= wrote[topics[0]] && put[topics[1]] >= wrote[topics[1]] && put[topics[2]] >= wrote[topics[2]]
	})
	for _, topic := range topics {
		if put[topic] != wrote[topic] {
			t.Errorf("%s: %d dead letters for %d unreadable records", topic, put[topic], wrote[topic])
		}
	}
}

func header(rec *kgo.Record, key string) string {
	for _, h := range rec.Headers {
		if h.Key == key {
			return string(h.Value)
		}
	}
	return ""
}

// rewrite copies a capture, with each frame modified by change, and returns the path.
func rewrite(t *testing.T, from string, change func(i uint64, f *models.Frame)) string {
	t.Helper()
	src, err := pcapfile.Open(from, capture.DefaultOptions())
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	path := filepath.Join(t.TempDir(), "rewritten.pcap")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	w, err := pcapfile.NewWriter(file, models.LinkEthernet)
	if err != nil {
		t.Fatal(err)
	}
	var f models.Frame
	for i := uint64(0); ; i++ {
		if err := src.Next(&f); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		change(i, &f)
		if err := w.Write(&f); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestClockBack replays a capture whose clock jumps back by an hour, forward again and then
// has random jitter, and kills the engine in between. The wall clock needs no test: it only
// determines when state is saved.
func TestClockBack(t *testing.T) {
	t.Parallel()
	whole := office(t)
	n := whole.Packets
	rng := rand.New(rand.NewPCG(1, 2))
	ref := faults.Analyze(t, rewrite(t, whole.Capture, func(i uint64, f *models.Frame) {
		switch {
		case i > n*3/4:
			f.TS -= models.Timestamp(rng.Int64N(int64(time.Second)))
		case i > n/2:
		case i > n/4:
			f.TS -= models.Timestamp(time.Hour)
		}
	}), nil)
	cfg := config()
	cfg.Engines = 0
	r := faults.New(t, cfg)
	engine := r.StartEngine(r.Address)
	replay := r.Replay(ref.Capture, rate(ref, lasting(2)))
	r.WaitTaken(n * 2 / 5)
	engine.Kill()
	r.StartEngine(r.Address)
	r.Check(replay, ref)
}
