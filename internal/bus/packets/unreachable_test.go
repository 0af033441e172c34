package packets_test

import (
	"net"
	"testing"

	"github.com/netlyra/netlyra/internal/bus/bustest"
	"github.com/netlyra/netlyra/internal/bus/client"
	"github.com/netlyra/netlyra/internal/bus/packets"
)

// TestOneOfTwoBrokersDown starts producers with two configured brokers, one of which
// refuses connections. The order in which the client tries them is random.
func TestOneOfTwoBrokersDown(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	down := l.Addr().String()
	_ = l.Close()
	addr := bustest.StartBroker(t, "").Addr()
	for range 20 {
		c := bustest.Dial(t, addr, client.Deps{}, func(c *client.Config) { c.Brokers = append([]string{down}, c.Brokers...) })
		p, err := packets.NewProducer(t.Context(), c, "")
		if err != nil {
			t.Fatal(err)
		}
		p.Close()
		c.Close()
	}
}
