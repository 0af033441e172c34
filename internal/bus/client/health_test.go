package client

import (
	"errors"
	"log/slog"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"
)

func TestHealthReportsChanges(t *testing.T) {
	var reported []string
	h := &health{report: func(_ string, err error) {
		if err == nil {
			reported = append(reported, "ok")
		} else {
			reported = append(reported, err.Error())
		}
	}, log: slog.New(slog.DiscardHandler), down: map[int32]error{}}
	gone := errors.New("gone")
	connect := func(node int32, err error) {
		h.OnBrokerConnect(kgo.BrokerMetadata{NodeID: node, Host: "h", Port: node}, 0, nil, err)
	}
	connect(1, nil)
	connect(1, gone)
	connect(1, gone)
	connect(2, nil) // another broker is reachable: one is still down
	connect(-5, gone)
	connect(1, nil) // also clears the seed broker
	connect(1, nil)
	want := "broker h:1 is unreachable: gone|broker h:-5 is unreachable: gone|ok"
	if got := strings.Join(reported, "|"); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
