//go:build unix

package embedded

import (
	"context"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/netlyra/netlyra/internal/netlimit"
)

// TestWritesWaitForDescriptors checks that a record that needs a new segment is retried while no
// file can be opened, and written afterwards.
func TestWritesWaitForDescriptors(t *testing.T) {
	if _, ok := netlimit.OpenDescriptors(); !ok {
		t.Skip("descriptors cannot be listed on this system")
	}
	before := trusted
	t.Cleanup(func() { trusted = before })
	trusted = 0
	b := start(t, testConfig(t.TempDir()))
	for _, topic := range []string{"t", "other"} {
		if err := b.Cluster().CreateTopic(topic, 1, nil); err != nil {
			t.Fatal(err)
		}
	}
	retried := make(chan struct{}, 100)
	cl := client(t, b.Addr(), kgo.WithHooks(retries(retried)), kgo.MetadataMinAge(50*time.Millisecond))
	for _, topic := range []string{"other", "other"} { // opens the connections of a producer
		if err := cl.ProduceSync(t.Context(), &kgo.Record{Topic: topic}).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := kmsg.NewPtrMetadataRequest().RequestWith(t.Context(), cl); err != nil {
		t.Fatal(err)
	}
	for range len(retried) {
		<-retried
	}
	free := exhaust(t)
	done := make(chan error, 1)
	cl.Produce(t.Context(), &kgo.Record{Topic: "t", Value: []byte("v")}, func(_ *kgo.Record, err error) { done <- err })
	for range 2 {
		select {
		case <-retried:
		case err := <-done:
			free()
			t.Fatalf("answered with %v while no file could be opened", err)
		case <-time.After(10 * time.Second):
			free()
			t.Fatal("the record was not retried")
		}
	}
	free()
	if err := <-done; err != nil {
		t.Fatalf("with free descriptors: %v", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if n := countAll(ctx, t, b.Addr(), 1); n != 1 {
		t.Errorf("%d records", n)
	}
}

// exhaust uses all file descriptors of the process until free is called. Open connections
// remain open.
func exhaust(t *testing.T) (free func()) {
	t.Helper()
	var before syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &before); err != nil {
		t.Fatal(err)
	}
	low := before
	low.Cur = min(before.Cur, 256)
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &low); err != nil {
		t.Fatal(err)
	}
	var files []*os.File
	for {
		f, err := os.Open(os.DevNull)
		if err != nil {
			break
		}
		files = append(files, f)
	}
	return func() {
		for _, f := range files {
			_ = f.Close()
		}
		_ = syscall.Setrlimit(syscall.RLIMIT_NOFILE, &before)
	}
}

// retries receives an element for each answered Produce.
type retries chan struct{}

// OnBrokerRead is called by the client.
func (r retries) OnBrokerRead(_ kgo.BrokerMetadata, key int16, _ int, _, _ time.Duration, _ error) {
	if key == 0 {
		select {
		case r <- struct{}{}:
		default:
		}
	}
}
