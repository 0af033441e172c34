package bus

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/netlyra/netlyra/internal/models"
)

// A topic that is deleted and created again, with as many partitions or others, does not
// end who follows it and others.
func TestTailOutlivesItsTopic(t *testing.T) {
	for _, partitions := range [][2]int32{{1, 1}, {1, 3}, {3, 1}} {
		t.Run(fmt.Sprint(partitions), func(t *testing.T) {
			c := dial(t, broker(t, "").Addr(), Deps{}, nil)
			topic, other := c.cfg.Topics.Scores, c.cfg.Topics.Stats
			remake(t, c, topic, partitions[0])
			ctx, stop := context.WithCancel(t.Context())
			defer stop()
			got, ended := make(chan string, 64), make(chan error, 1)
			go func() {
				ended <- c.Tail(ctx, TailConfig{Topics: []string{topic, other}, From: From{Beginning: true}}, func(r *models.Record) error {
					got <- string(r.Value)
					return nil
				})
			}()
			expect := func(want string) {
				t.Helper()
				select {
				case v := <-got:
					if v != want {
						t.Fatalf("got %q, want %q", v, want)
					}
				case err := <-ended:
					t.Fatalf("the tail ended: %v", err)
				case <-time.After(30 * time.Second):
					t.Fatalf("%q did not come", want)
				}
			}
			send(t, c, topic, "before")
			expect("before")
			for round := range 2 {
				remake(t, c, topic, partitions[1])
				for i := range 4 {
					v := fmt.Sprint(round, ".", i)
					send(t, c, topic, v)
					expect(v)
				}
				produceRaw(t, c, other, "other")
				expect("other")
			}
			stop()
			if err := <-ended; err != nil {
				t.Error(err)
			}
		})
	}
}

// send writes with a client that has not met an earlier topic of the name.
func send(t *testing.T, c *Client, topic, value string) {
	t.Helper()
	cl, err := c.newKgo("test")
	if err != nil {
		t.Fatal(err)
	}
	defer cl.Close()
	if err := cl.ProduceSync(t.Context(), &kgo.Record{Topic: topic, Value: []byte(value)}).FirstErr(); err != nil {
		t.Fatal(err)
	}
}

// remake deletes a topic and creates it with so many partitions.
func remake(t *testing.T, c *Client, topic string, partitions int32) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if _, err := c.adm.DeleteTopic(ctx, topic); err != nil {
		t.Fatal(err)
	}
	for {
		_, err := c.adm.CreateTopic(ctx, partitions, 1, nil, topic)
		if err == nil {
			return
		}
		select { // a cluster deletes later than it says
		case <-ctx.Done():
			t.Fatal(errors.Join(ctx.Err(), err))
		case <-time.After(50 * time.Millisecond):
		}
	}
}
