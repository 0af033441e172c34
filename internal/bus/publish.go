package bus

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"sync"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/netlyra/netlyra/internal/bus/writer"
	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/wire"
)

// failures remembers records that were refused.
type failures struct {
	mu   sync.Mutex
	n    int
	last error
}

func (f *failures) add(err error) {
	f.mu.Lock()
	f.n++
	f.last = err
	f.mu.Unlock()
}

// err tells of all of them.
func (f *failures) err() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.said()
}

// take tells of those that take has not told of before.
func (f *failures) take() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	err := f.said()
	f.n, f.last = 0, nil
	return err
}

func (f *failures) said() error {
	if f.n == 0 {
		return nil
	}
	return fmt.Errorf("bus: %d records were not accepted, the last because: %w", f.n, f.last)
}

// send hands a record to the producer; what becomes of it Flush tells.
func (c *Client) send(ctx context.Context, w *writer.Writer, r *kgo.Record) {
	c.deps.Records[r.Topic].In(1, 0)
	w.Produce(ctx, r)
}

func (c *Client) settled(r *kgo.Record, err error) {
	stage := c.deps.Records[r.Topic]
	if err == nil {
		stage.Out(1)
		c.metrics.published.WithLabelValues(r.Topic).Inc()
		return
	}
	stage.Drop(DropRefused, 1)
	c.metrics.failed.WithLabelValues(r.Topic, "refused").Inc()
	refused := &c.refused.prompt
	if r.Topic == c.cfg.Topics.Connections {
		refused = &c.refused.bulk
	}
	refused.add(fmt.Errorf("topic %s: %w", r.Topic, err))
}

// try hands over what may be lost: a full buffer drops it, counted.
func (c *Client) try(w *writer.Writer, r *kgo.Record) {
	w.TryProduce(context.Background(), r, func(r *kgo.Record, err error) {
		if err == nil {
			c.metrics.published.WithLabelValues(r.Topic).Inc()
			return
		}
		c.metrics.failed.WithLabelValues(r.Topic, "buffer full or refused").Inc()
	})
}

// PublishAlert sends an alert at once. It waits only while the buffer is full, and
// until ctx ends. Delivery is certain after Flush.
func (c *Client) PublishAlert(ctx context.Context, a *models.Alert) error {
	v, err := json.Marshal(a)
	if err != nil {
		return fmt.Errorf("bus: alert %s: %w", a.ID, err)
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("bus: alert %s: %w", a.ID, err)
	}
	c.send(context.WithoutCancel(ctx), c.prompt, &kgo.Record{Topic: c.cfg.Topics.Alerts, Key: []byte(a.ID), Value: v})
	return nil
}

// PublishConnection sends the state of a connection. It waits while the buffer is
// full. The connection may be changed after the call.
func (c *Client) PublishConnection(m *models.Connection) {
	b := wire.AppendConnection(append(make([]byte, 0, 640), m.ID...), m)
	n := len(m.ID)
	c.recorder.count(len(b))
	c.send(context.Background(), c.bulk, &kgo.Record{Topic: c.cfg.Topics.Connections, Key: b[:n:n], Value: b[n:]})
}

// PublishStats sends what a process counted; dropped while the buffer is full, for
// the next one says it all.
func (c *Client) PublishStats(s *models.InstanceStats) {
	if v, err := json.Marshal(s); err == nil {
		c.try(c.bulk, &kgo.Record{Topic: c.cfg.Topics.Stats, Key: []byte(s.Instance), Value: v})
	}
}

// PublishScores sends samples for live views at once; dropped while the buffer is full.
func (c *Client) PublishScores(s *models.ScoreBatch) {
	if v, err := json.Marshal(s); err == nil {
		c.try(c.prompt, &kgo.Record{Topic: c.cfg.Topics.Scores, Key: strconv.AppendInt(nil, int64(s.Partition), 10), Value: v})
	}
}
