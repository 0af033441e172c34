package client_test

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/netlyra/netlyra/internal/bus/bustest"
	"github.com/netlyra/netlyra/internal/bus/client"
)

func TestUnreachableAtStart(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	_ = l.Close() // nothing listens there now
	cfg := client.DefaultConfig()
	cfg.Brokers = []string{addr}
	begin := time.Now()
	if _, err = client.Dial(t.Context(), cfg, client.Deps{}); err == nil || !strings.Contains(err.Error(), addr) || !strings.Contains(err.Error(), "KAFKA_BROKERS") {
		t.Errorf("got %v", err)
	}
	if d := time.Since(begin); d > 6*time.Second {
		t.Errorf("took %s", d)
	}
}

func TestNotABroker(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	go func() { // accepts connections and never answers
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			defer func() { _ = conn.Close() }()
		}
	}()
	cfg := client.DefaultConfig()
	cfg.Brokers = []string{l.Addr().String()}
	cfg.DialTimeout = 200 * time.Millisecond
	if _, err = client.Dial(t.Context(), cfg, client.Deps{}); err == nil || !strings.Contains(err.Error(), "no Kafka broker answers") {
		t.Errorf("got %v", err)
	}
}

// TestDialEndsWithItsContext: a broker that accepts connections and sends nothing does not
// delay the end, and the end is not logged as an unreachable broker.
func TestDialEndsWithItsContext(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		conn, err := l.Accept()
		if err == nil {
			_, _ = conn.Read(make([]byte, 1)) // the client has sent its request
			cancel()
			_, _ = io.Copy(io.Discard, conn)
			_ = conn.Close()
		}
	}()
	cfg := client.DefaultConfig()
	cfg.Brokers, cfg.DialTimeout = []string{l.Addr().String()}, time.Minute
	var log strings.Builder
	if _, err = client.Dial(ctx, cfg, client.Deps{Log: bustest.TextLog(&log)}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if log.Len() > 0 {
		t.Errorf("logged %s", log.String())
	}
}

func TestFewerPartitionsAreUsed(t *testing.T) {
	b := bustest.StartBroker(t, "")
	bustest.Dial(t, b.Addr(), client.Deps{}, func(c *client.Config) { c.Partitions = 2 })
	var log strings.Builder
	c := bustest.Dial(t, b.Addr(), client.Deps{Log: bustest.TextLog(&log)}, func(c *client.Config) { c.Partitions = 5; c.ManageTopics = true; c.PacketsRetentionBytes = 10 << 20 })
	if !strings.Contains(log.String(), "PACKETS_PARTITIONS") {
		t.Errorf("no hint in the log: %s", log.String())
	}
	if v := b.Cluster().TopicInfo(c.Config().Topics.Packets).Configs["retention.bytes"]; v == nil || *v != "2097152" {
		t.Errorf("retention does not follow the configuration")
	}
	bustest.Publish(t, c, 0, 100)
}
