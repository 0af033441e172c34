package app

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"log/slog"
	"net/netip"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/netlyra/netlyra/internal/bus/client"
	"github.com/netlyra/netlyra/internal/bus/consumer"
	"github.com/netlyra/netlyra/internal/bus/deadletter"
	"github.com/netlyra/netlyra/internal/bus/embedded"
	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/settings"
	"github.com/netlyra/netlyra/internal/wire"
)

// TestRedrivePoison redrives unreadable records, JSON and packed, to a real engine until
// they are abandoned; a readable record among the dead letters is consumed.
func TestRedrivePoison(t *testing.T) {
	cfg := station(t)
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	b, err := embedded.Start(t.Context(), settings.Broker(cfg, settings.AnyPort, log))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = b.Close() }()
	cfg.KafkaBrokers = []string{b.Addr()}
	conn, err := client.Dial(t.Context(), settings.Bus(cfg, cfg.KafkaBrokers), client.Deps{})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.EnsureTopics(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- Engine(ctx, cfg, Options{Options: settings.Options{Log: log}}) }()
	defer func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}()

	raw, err := kgo.NewClient(kgo.SeedBrokers(b.Addr()))
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	packed := binary.AppendUvarint([]byte{0x0a}, 1<<40) // a column longer than the record
	if err := raw.ProduceSync(t.Context(),
		&kgo.Record{Topic: cfg.KafkaTopicPackets, Value: []byte(`{"ts":"never"`)},
		&kgo.Record{Topic: cfg.KafkaTopicPackets, Value: packed, Headers: []kgo.RecordHeader{{Key: models.HeaderContentType, Value: []byte(models.ContentTypePacked)}}},
	).FirstErr(); err != nil {
		t.Fatal(err)
	}
	good := models.PacketMeta{TS: 1, Src: netip.MustParseAddr("10.0.0.1"), Dst: netip.MustParseAddr("10.0.0.2"), Proto: models.ProtoUDP, WireLen: 100}
	deadletter.NewPublisher(conn).PublishDeadLetter(models.Record{Topic: cfg.KafkaTopicPackets, Partition: 0, Offset: 0, Value: wire.AppendPacket(nil, &good)}, "by mistake")
	if err := conn.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}

	letters := 3
	for round := range 5 {
		awaitRecords(t, conn, cfg.KafkaTopicDeadLetters, letters)
		counts, err := Redrive(t.Context(), cfg, deadletter.Config{From: "dead-letters", Topic: "packets"}, false, log)
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]int{}
		for _, c := range counts {
			got[c.Result] += c.Records
			if c.Topic != cfg.KafkaTopicPackets {
				t.Errorf("round %d: topic %s", round, c.Topic)
			}
		}
		switch {
		case round == 0 && got[deadletter.ResultRedriven] != 3, (round == 1 || round == 2) && got[deadletter.ResultRedriven] != 2,
			round == 3 && got[deadletter.ResultTooOften] != 2, round == 4 && len(got) != 0:
			t.Errorf("round %d: %v", round, got)
		}
		if round < 3 {
			letters += 2 // both poisoned ones come again, the good one does not
		}
	}
	awaitRecords(t, conn, cfg.KafkaTopicDeadLetters, letters)
}

// awaitRecords waits until a topic has n records and fails if it has more.
func awaitRecords(t *testing.T, conn *client.Client, topic string, n int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	got, enough := 0, errors.New("enough")
	err := consumer.Tail(ctx, conn, consumer.TailConfig{Topics: []string{topic}, From: consumer.From{Beginning: true}}, func(*models.Record) error {
		if got++; got >= n {
			return enough
		}
		return nil
	})
	if !errors.Is(err, enough) {
		t.Fatalf("%d records on %s, want %d: %v", got, topic, n, err)
	}
	all := 0
	if err := consumer.Tail(ctx, conn, consumer.TailConfig{Topics: []string{topic}, From: consumer.From{Beginning: true}, ToEnd: true}, func(*models.Record) error { all++; return nil }); err != nil || all != n {
		t.Fatalf("%d records on %s, want %d: %v", all, topic, n, err)
	}
}
