package bustest

import (
	"context"
	"net/netip"
	"testing"
	"time"

	"github.com/netlyra/netlyra/internal/bus/client"
	"github.com/netlyra/netlyra/internal/bus/packets"
	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/wire"
)

// Packet returns the i-th packet of a test; its PayloadLen is i.
func Packet(i int) *models.PacketMeta {
	return &models.PacketMeta{
		TS:  models.TimestampOf(time.Date(2026, 1, 29, 12, 0, 0, 0, time.UTC)) + models.Timestamp(i)*1000,
		Src: netip.AddrFrom4([4]byte{10, byte(i >> 8), byte(i), 1}), Dst: netip.AddrFrom4([4]byte{192, 168, 0, 1}),
		SrcPort: uint16(i), DstPort: 443, Proto: models.ProtoTCP, Flags: models.FlagACK, PayloadLen: uint32(i), Entropy: 500, WireLen: 100, IPLen: 86,
		Dir: models.DirOrig, Conn: models.ConnID(i + 1), TTL: 64,
	}
}

// Decode calls yield for the packets of a record in either encoding.
func Decode(r *models.Record, yield func(*models.PacketMeta) error) error {
	if r.ContentType == models.ContentTypePacked {
		return wire.DecodePacked(r.Value, yield)
	}
	var m models.PacketMeta
	if err := wire.ParsePacket(r.Value, &m); err != nil {
		return err
	}
	return yield(&m)
}

// NewProducer returns an unnamed producer that is closed at the end of the test.
func NewProducer(t testing.TB, ctx context.Context, c *client.Client) *packets.Producer { //nolint:revive // t first, as in testing
	t.Helper()
	p, err := packets.NewProducer(ctx, c, "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p
}

// Publish publishes the packets from…to-1 as one producer and waits for their
// acknowledgement.
func Publish(t testing.TB, c *client.Client, from, to int) {
	t.Helper()
	PublishAs(t, c, "", from, to)
}

// PublishAs is Publish with a named producer.
func PublishAs(t testing.TB, c *client.Client, name string, from, to int) {
	t.Helper()
	p, err := packets.NewProducer(context.Background(), c, name)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	for i := from; i < to; i++ {
		if err := p.Publish(Packet(i)); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// CheckAll verifies that got has the packets 0…n-1, unchanged and once each.
func CheckAll(t *testing.T, got []models.PacketMeta, n int) {
	t.Helper()
	seen := make([]int, n)
	for i := range got {
		k := int(got[i].PayloadLen)
		if k >= n || got[i] != *Packet(k) {
			t.Fatalf("unexpected packet: %+v", got[i])
		}
		seen[k]++
	}
	for k, times := range seen {
		if times != 1 {
			t.Fatalf("packet %d was received %d times", k, times)
		}
	}
}
