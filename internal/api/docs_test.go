package api_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"regexp"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the answers into docs/api.md")

var example = regexp.MustCompile("(?s)<!-- example: (GET|PATCH) (\\S+?)(?: (\\{.*?\\}))? -->\n```json\n(.*?)\n```")

// The examples of docs/api.md are what the server answers.
func TestExamplesOfTheDocsAreTrue(t *testing.T) {
	const path = "../../docs/api.md"
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	out := example.ReplaceAllFunc(text, func(whole []byte) []byte {
		found++
		m := example.FindSubmatch(whole)
		f := newFixture(t, nil)
		r := f.ask(string(m[1]), string(m[2]), string(m[3]), strings.Contains(string(m[2]), "501"), "Content-Type", "application/json")
		var pretty bytes.Buffer
		if err := json.Indent(&pretty, bytes.TrimSpace(r.body), "", "  "); err != nil {
			t.Fatal(err)
		}
		if !*update && pretty.String() != string(m[4]) {
			t.Errorf("%s %s: the answer is\n%s\nthe docs say\n%s\n(go test ./internal/api -run Docs -update)", m[1], m[2], &pretty, m[4])
		}
		return bytes.Replace(whole, m[4], pretty.Bytes(), 1)
	})
	if found < 9 {
		t.Errorf("only %d examples were found", found)
	}
	if *update {
		if err := os.WriteFile(path, out, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	f := newFixture(t, nil)
	for _, route := range f.server.Routes() {
		heading := "### " + regexp.MustCompile(`\{([a-z]+)\}`).ReplaceAllString(route, ":$1") + "\n"
		if !strings.Contains(string(out), heading) {
			t.Errorf("docs/api.md has no %q", heading)
		}
	}
}
