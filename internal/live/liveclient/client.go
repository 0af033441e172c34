// Package liveclient is a client of the WebSocket that package live serves, for
// measuring and for tests. One goroutine reads, Close may be called from another.
package liveclient

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/gorilla/websocket"

	"github.com/netlyra/netlyra/internal/models"
)

// Client is one connection.
type Client struct{ conn *websocket.Conn }

// Message is one message of the server.
type Message struct {
	Event string           `json:"event"`
	TS    models.Timestamp `json:"ts"`
	Data  json.RawMessage  `json:"data"`
}

// Dial connects to url, as ws://127.0.0.1:8091/ws.
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

// Subscribe asks for these events and no others.
func (c *Client) Subscribe(events ...string) error {
	return c.conn.WriteJSON(map[string]any{"subscribe": events})
}

// Next is the next message; an error is the end of the connection.
func (c *Client) Next() (m Message, err error) {
	err = c.conn.ReadJSON(&m)
	return m, err
}

// Close ends the connection; a Next that waits returns with an error.
func (c *Client) Close() error { return c.conn.Close() }
