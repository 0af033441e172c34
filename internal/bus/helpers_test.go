package bus

import (
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"
)

// produceRaw writes values as any other program would, without key or header.
func produceRaw(t testing.TB, c *Client, topic string, values ...string) {
	t.Helper()
	for _, v := range values {
		if err := c.prompt.ProduceSync(t.Context(), &kgo.Record{Topic: topic, Value: []byte(v)}).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}
}
