package client

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/netlyra/netlyra/internal/bus/writer"
	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
	"github.com/netlyra/netlyra/internal/wire"
)

// PublishImmediate sends a record without linger. It waits only while the buffer is full.
// FlushAlerts and Flush report whether it was delivered.
func (c *Client) PublishImmediate(r *kgo.Record) { c.publish(c.immediate, r) }

func (c *Client) publish(w *writer.Writer, r *kgo.Record) {
	c.deps.Records[r.Topic].In(1, 0)
	w.Produce(context.Background(), r)
}

// onSettled counts a record of publish that was acknowledged or refused.
func (c *Client) onSettled(r *kgo.Record, err error) {
	stage := c.deps.Records[r.Topic]
	if err == nil {
		stage.Out(1)
		c.metrics.Published.WithLabelValues(r.Topic).Inc()
		return
	}
	stage.Drop(vocabulary.DropPublishRefused, 1)
	c.metrics.Failed.WithLabelValues(r.Topic, vocabulary.DropPublishRefused).Inc()
	refused := &c.refused.immediate
	if r.Topic == c.cfg.Topics.Connections {
		refused = &c.refused.bulk
	}
	refused.Add(fmt.Errorf("topic %s: %w", r.Topic, err))
}

// tryPublish sends a record that may be lost: it is dropped and counted while the buffer
// is full.
func (c *Client) tryPublish(w *writer.Writer, r *kgo.Record) {
	w.TryProduce(context.Background(), r, func(r *kgo.Record, err error) {
		if err == nil {
			c.metrics.Published.WithLabelValues(r.Topic).Inc()
			return
		}
		c.metrics.Failed.WithLabelValues(r.Topic, vocabulary.DropPublishNotSent).Inc()
	})
}

// PublishAlert sends an alert at once. It waits only while the buffer is full. Delivery
// is certain after FlushAlerts.
func (c *Client) PublishAlert(ctx context.Context, a *models.Alert) error {
	v, err := json.Marshal(a)
	if err != nil {
		return fmt.Errorf("bus: alert %s: %w", a.ID, err)
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("bus: alert %s: %w", a.ID, err)
	}
	c.PublishImmediate(&kgo.Record{Topic: c.cfg.Topics.Alerts, Key: []byte(a.ID), Value: v})
	return nil
}

// PublishConnection sends the state of a connection. It waits while the buffer is full.
// m may be changed after the call.
func (c *Client) PublishConnection(m *models.Connection) {
	b := wire.AppendConnection(append(make([]byte, 0, 640), m.ID...), m)
	n := len(m.ID)
	c.connections.records.Add(1)
	c.connections.bytes.Add(int64(len(b)))
	c.publish(c.bulk, &kgo.Record{Topic: c.cfg.Topics.Connections, Key: b[:n:n], Value: b[n:]})
}

// PublishedConnections returns how many connection records were passed to
// PublishConnection, and their size in bytes before compression.
func (c *Client) PublishedConnections() (records, bytes int64) {
	return c.connections.records.Load(), c.connections.bytes.Load()
}

// PublishStats sends the counts of this process. They are cumulative, so a record is
// dropped while the buffer is full.
func (c *Client) PublishStats(s *models.InstanceStats) {
	if v, err := json.Marshal(s); err == nil {
		c.tryPublish(c.bulk, &kgo.Record{Topic: c.cfg.Topics.Stats, Key: []byte(s.Instance), Value: v})
	}
}

// PublishScores sends score samples for live views at once; dropped while the buffer is
// full.
func (c *Client) PublishScores(s *models.ScoreBatch) {
	if v, err := json.Marshal(s); err == nil {
		c.tryPublish(c.immediate, &kgo.Record{Topic: c.cfg.Topics.Scores, Key: strconv.AppendInt(nil, int64(s.Lane), 10), Value: v})
	}
}
