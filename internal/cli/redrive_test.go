package cli

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/netlyra/netlyra/internal/bus/deadletter"
	"github.com/netlyra/netlyra/internal/models"
)

// TestDeadLettersFromTheCommandLine publishes an unreadable record: tail must print its dead
// letter with reason and origin, redrive must publish it again, and tail must print the second
// dead letter with the number of redrives.
func TestDeadLettersFromTheCommandLine(t *testing.T) {
	broker := startBroker(t)
	env := map[string]string{"KAFKA_BROKERS": broker}
	start(t, env, "engine")
	tails := map[string]*process{}
	for _, format := range []string{"text", "json"} {
		tails[format] = start(t, env, "tail", "dead-letters", "--from", "beginning", "-n", "2", "--format", format)
	}
	eventually(t, 30*time.Second, "the topics", func() bool {
		p := start(t, env, "doctor")
		p.wait(30 * time.Second)
		return strings.Contains(p.stdout.String(), "all 7 match the configuration")
	})
	poison(t, broker, "netlyra.packets", "{\"broken\xff")
	redrive := func(result string, args ...string) {
		t.Helper()
		want := deadletter.Count{Result: result, Topic: models.TopicPackets, Records: 1}
		eventually(t, 30*time.Second, result, func() bool {
			p := start(t, env, append([]string{"redrive", "--format", "json"}, args...)...)
			var counts []deadletter.Count
			return p.wait(30*time.Second) == 0 && json.Unmarshal([]byte(p.stdout.String()), &counts) == nil && slices.Contains(counts, want)
		})
	}
	redrive(deadletter.ResultWould, "--dry-run", "--topic", "packets")
	redrive(deadletter.ResultRedriven, "--reason", "")
	for format, p := range tails {
		if code := p.wait(30 * time.Second); code != 0 {
			t.Errorf("tail: exit code %d", code)
		}
		lines := strings.Split(strings.TrimSpace(p.stdout.String()), "\n")
		if len(lines) != 2 {
			t.Fatalf("%s: %q", format, lines)
		}
		for i, line := range lines {
			wants := []string{"netlyra.packets/0 offset ", "(9 bytes", `"{\"broken\xff"`}
			if format == "json" {
				wants = []string{`"topic":"netlyra.packets"`, `"reason":"`, `"redriven":` + string(rune('0'+i)), `"value_base64":"eyJicm9rZW7/"`}
			} else if i == 1 {
				wants = append(wants, "redriven 1 times")
			}
			for _, want := range wants {
				if !strings.Contains(line, want) {
					t.Errorf("%s: %q is missing in %s", format, want, line)
				}
			}
		}
	}
	p := start(t, env, "redrive", "--dry-run", "--no-to-now")
	if code := p.wait(30 * time.Second); code != 2 {
		t.Errorf("an unbounded dry run: exit code %d, want 2", code)
	}
}

// poison writes a value with a plain Kafka client.
func poison(t *testing.T, broker, topic, value string) {
	t.Helper()
	cl, err := kgo.NewClient(kgo.SeedBrokers(broker))
	if err != nil {
		t.Fatal(err)
	}
	defer cl.Close()
	if err := cl.ProduceSync(t.Context(), &kgo.Record{Topic: topic, Value: []byte(value)}).FirstErr(); err != nil {
		t.Fatal(err)
	}
}
