package packets_test

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/netlyra/netlyra/internal/bus/bustest"
	"github.com/netlyra/netlyra/internal/bus/client"
	"github.com/netlyra/netlyra/internal/bus/consumer"
	"github.com/netlyra/netlyra/internal/bus/embedded"
	"github.com/netlyra/netlyra/internal/bus/packets"
	"github.com/netlyra/netlyra/internal/models"
)

const helperDir = "NETLYRA_TEST_BROKER_DIR"

// TestBrokerProcess runs the broker that TestKilledBroker kills.
func TestBrokerProcess(t *testing.T) {
	dir := os.Getenv(helperDir)
	if dir == "" {
		t.Skip("helper process of TestKilledBroker")
	}
	cfg := embedded.DefaultConfig()
	cfg.DataDir, cfg.Listen = dir, os.Getenv("NETLYRA_TEST_BROKER_LISTEN")
	b, err := embedded.Start(context.Background(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(dir+"/addr", []byte(b.Addr()+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	select {} // until killed
}

// TestKilledBroker kills the broker while packets flow and restarts it on its directory. All
// packets must be in the log and handled. Those in flight at the kill may be there twice:
// unlike Kafka and Redpanda, the embedded broker does not persist the sequence numbers of
// producers.
func TestKilledBroker(t *testing.T) {
	dir := t.TempDir()
	cmd, addr := brokerProcess(t, dir, "127.0.0.1:0")
	c := bustest.Dial(t, addr, client.Deps{}, nil)
	h := bustest.NewCollector()
	g, _ := bustest.Join(t, c, consumer.GroupConfig{SessionTimeout: 6 * time.Second}, h)
	p, err := packets.NewProducer(t.Context(), c, "")
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	var sent atomic.Int64
	done := make(chan error, 1)
	go func() {
		for i := range 20000 {
			if err := p.Publish(bustest.Packet(i)); err != nil {
				done <- err
				return
			}
			sent.Store(int64(i))
		}
		done <- p.Flush(context.Background())
	}()
	h.Until(t, "some packets", func() bool { return len(h.Packets) > 1000 })
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	brokerProcess(t, dir, addr)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if err := g.WaitCaughtUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	const sentAll = 20000
	log := logged(t, c)
	t.Logf("%d packets are in the log twice", len(log)-sentAll)
	for name, packets := range map[string][]models.PacketMeta{"in the log": log, "handled": h.Packets} {
		seen := map[uint32]bool{}
		for i := range packets {
			seen[packets[i].PayloadLen] = true
		}
		if len(seen) != sentAll {
			t.Errorf("%d packets of %d are %s", len(seen), sentAll, name)
		}
	}
}

// logged returns every packet in the log.
func logged(t *testing.T, c *client.Client) (packets []models.PacketMeta) {
	t.Helper()
	cfg := consumer.TailConfig{Topics: []string{c.Config().Topics.Packets}, From: consumer.From{Beginning: true}, ToEnd: true}
	err := consumer.Tail(t.Context(), c, cfg, func(r *models.Record) error {
		return bustest.Decode(r, func(m *models.PacketMeta) error {
			packets = append(packets, *m)
			return nil
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	return packets
}

func brokerProcess(t *testing.T, dir, listen string) (*exec.Cmd, string) {
	t.Helper()
	_ = os.Remove(dir + "/addr")
	cmd := exec.Command(os.Args[0], "-test.run=^TestBrokerProcess$")
	cmd.Env = append(os.Environ(), helperDir+"="+dir, "NETLYRA_TEST_BROKER_LISTEN="+listen)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for range tick.C {
		if b, err := os.ReadFile(dir + "/addr"); err == nil && strings.HasSuffix(string(b), "\n") {
			return cmd, strings.TrimSpace(string(b))
		}
		if t.Context().Err() != nil {
			break
		}
	}
	t.Fatal("the broker did not start")
	return nil, ""
}
