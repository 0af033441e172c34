package live

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// What docs/api.md has clients say is understood, and every event is in its table.
func TestMessagesOfTheDocsAreUnderstood(t *testing.T) {
	text, err := os.ReadFile("../../docs/api.md")
	if err != nil {
		t.Fatal(err)
	}
	said := regexp.MustCompile("(?s)<!-- client -->\n```json\n(.*?)\n```").FindAllStringSubmatch(string(text), -1)
	if len(said) < 2 {
		t.Errorf("%d client messages in the docs", len(said))
	}
	for _, m := range said {
		if _, err := defaultSubscription().change([]byte(m[1])); err != nil {
			t.Errorf("%s: %v", m[1], err)
		}
	}
	for _, e := range append(events[:], EventLost, EventSubscribed, EventError) {
		if !strings.Contains(string(text), "\n| `"+string(e)+"` |") {
			t.Errorf("docs/api.md does not have event %s", e)
		}
	}
}
