package faults_test

import (
	"net/netip"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/netlyra/netlyra/internal/faults"
	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/wire"
)

// TestTransactions lets another program write transactions to the topics of packets, alerts
// and connections. Aborted records must be ignored, committed ones must be read, and markers,
// which use offsets without a record, must not block consumers, even at the end of a topic.
// The engine is killed in between and resumes after a marker.
func TestTransactions(t *testing.T) {
	t.Parallel()
	ref := office(t)
	cfg := config()
	cfg.Engines = 1
	r := faults.New(t, cfg)
	replay := r.Replay(ref.Capture, rate(ref, 4*time.Second))
	tx := dial(t, r.Address, kgo.TransactionalID("another program"))
	topics := []string{models.TopicPackets, models.TopicAlerts, models.TopicConnections}
	meta := models.PacketMeta{TS: 1, Src: netip.MustParseAddr("192.0.2.1"), Dst: netip.MustParseAddr("192.0.2.2"), Proto: models.ProtoTCP}
	packet := wire.AppendPacket(nil, &meta)
	committed := 0
	write := func(end kgo.TransactionEndTry, value []byte) {
		t.Helper()
		if err := tx.BeginTransaction(); err != nil {
			t.Fatal(err)
		}
		for _, topic := range topics {
			if err := tx.ProduceSync(t.Context(), &kgo.Record{Topic: topic, Value: value}).FirstErr(); err != nil {
				t.Fatal(err)
			}
		}
		if err := tx.EndTransaction(t.Context(), end); err != nil {
			t.Fatal(err)
		}
	}
	for share := uint64(1); share <= 3; share++ {
		r.WaitTaken(ref.Packets * share / 5)
		for range 20 {
			write(kgo.TryAbort, packet)
			write(kgo.TryCommit, []byte("neither packet, alert nor connection"))
			committed++
		}
		if share == 2 {
			r.Engines[0].Kill()
			r.StartEngine(r.Address)
		}
	}
	r.Published(replay)
	write(kgo.TryCommit, []byte("the last record"))
	committed++
	write(kgo.TryAbort, packet) // the last offset of each topic is a marker
	r.CheckTaken(ref)
	r.Check(replay, ref)
	put := map[string]int{}
	faults.Eventually(t, 20*time.Second, "the dead letters", func() bool {
		clear(put)
		seen := map[string]bool{} // the killed engine may have written some dead letters that the next one writes again
		for _, rec := range readAll(t, r.Address, models.TopicDeadLetters) {
			topic := header(rec, models.HeaderTopic)
			if place := topic + " " + header(rec, models.HeaderOffset); !seen[place] {
				seen[place] = true
				put[topic]++
			}
		}
		return put[topics[0]] >= committed && put[topics[1]] >= committed && put[topics[2]] >= committed
	})
	for _, topic := range topics {
		if put[topic] != committed {
			t.Errorf("%s: %d dead letters, %d records were committed", topic, put[topic], committed)
		}
	}
	endsSoon(t, r, "redrive", "--dry-run")
	endsSoon(t, r, "backtest", "--from", "-100000d")
}

// endsSoon runs a command that reads topics to their ends.
func endsSoon(t *testing.T, r *faults.Rig, args ...string) {
	t.Helper()
	p := r.Start(r.Address, nil, args...)
	if code := p.Wait(30 * time.Second); code != 0 {
		t.Errorf("%v: exit code %d:\n%s\n%s", args, code, p.Stdout.String(), p.Stderr.String())
	}
}
