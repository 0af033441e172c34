package consumer_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/netlyra/netlyra/internal/bus/bustest"
	"github.com/netlyra/netlyra/internal/bus/client"
	"github.com/netlyra/netlyra/internal/bus/consumer"
	"github.com/netlyra/netlyra/internal/models"
)

// A tail of several topics continues when one of them is recreated, with any number of
// partitions.
func TestTailOutlivesItsTopic(t *testing.T) {
	for _, partitions := range [][2]int32{{1, 1}, {1, 3}, {3, 1}} {
		t.Run(fmt.Sprint(partitions), func(t *testing.T) {
			c := bustest.Dial(t, bustest.StartBroker(t, "").Addr(), client.Deps{}, nil)
			topic, other := c.Config().Topics.Scores, c.Config().Topics.Stats
			recreate(t, c, topic, partitions[0])
			ctx, stop := context.WithCancel(t.Context())
			defer stop()
			got, ended := make(chan string, 64), make(chan error, 1)
			go func() {
				ended <- consumer.Tail(ctx, c, consumer.TailConfig{Topics: []string{topic, other}, From: consumer.From{Beginning: true}}, func(r *models.Record) error {
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
					t.Fatalf("timeout: %q", want)
				}
			}
			send(t, c, topic, "before")
			expect("before")
			for round := range 2 {
				recreate(t, c, topic, partitions[1])
				for i := range 4 {
					v := fmt.Sprint(round, ".", i)
					send(t, c, topic, v)
					expect(v)
				}
				bustest.ProduceRaw(t, c, other, "other")
				expect("other")
			}
			stop()
			if err := <-ended; err != nil {
				t.Error(err)
			}
		})
	}
}

// send produces with a new client, which has no metadata of the deleted topic.
func send(t *testing.T, c *client.Client, topic, value string) {
	t.Helper()
	cl, err := c.NewKgo("test")
	if err != nil {
		t.Fatal(err)
	}
	defer cl.Close()
	if err := cl.ProduceSync(t.Context(), &kgo.Record{Topic: topic, Value: []byte(value)}).FirstErr(); err != nil {
		t.Fatal(err)
	}
}

// recreate deletes a topic and creates it with so many partitions.
func recreate(t *testing.T, c *client.Client, topic string, partitions int32) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if _, err := c.Admin().DeleteTopic(ctx, topic); err != nil {
		t.Fatal(err)
	}
	for {
		_, err := c.Admin().CreateTopic(ctx, partitions, 1, nil, topic)
		if err == nil {
			return
		}
		select { // a cluster answers before it has deleted the topic
		case <-ctx.Done():
			t.Fatal(errors.Join(ctx.Err(), err))
		case <-time.After(50 * time.Millisecond):
		}
	}
}
