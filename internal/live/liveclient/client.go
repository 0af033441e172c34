// Package liveclient is a client of the WebSocket of package live, for benchmarks and
// tests. One goroutine calls Next; Close may be called from any goroutine.
package liveclient

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/gorilla/websocket"

	"github.com/netlyra/netlyra/internal/models"
)

// Client is one WebSocket connection.
type Client struct{ conn *websocket.Conn }

// Message is a message from the server.
type Message struct {
	Event string           `json:"event"`
	TS    models.Timestamp `json:"ts"`
	Data  json.RawMessage  `json:"data"`
}

// Dial connects to url, such as ws://127.0.0.1:8091/ws.
func Dial(ctx context.Context, url string) (*Client, error) {
	conn, resp, err := websocket.DefaultDialer.DialContext(ctx, url, nil)
	if resp != nil && resp.Body != nil {
		_ = resp.Body.Close()
	}
	if err != nil {
		return nil, fmt.Errorf("websocket %s: %w", url, err)
	}
	return &Client{conn: conn}, nil
}

// Subscribe subscribes to these events only.
func (c *Client) Subscribe(events ...string) error {
	return c.conn.WriteJSON(map[string]any{"subscribe": events})
}

// Next returns the next message. It blocks; an error ends the connection.
func (c *Client) Next() (m Message, err error) {
	err = c.conn.ReadJSON(&m)
	return m, err
}

// Close closes the connection; a blocked Next returns an error.
func (c *Client) Close() error { return c.conn.Close() }
