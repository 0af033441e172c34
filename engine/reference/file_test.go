package reference

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/netlyra/netlyra/engine/features"
)

// TestFileRoundTrips: the built-in reference, with sources, is the same after it was written
// and read.
func TestFileRoundTrips(t *testing.T) {
	f := FileOf(Builtin())
	f.Created, f.SubjectMinutes = 1_700_000_000_123_456_789, map[string]uint64{"calls": 7}
	f.Sources = []Source{{"a.pcap", 3, 1.5}, {"b.pcap", 0, 0}}
	text, err := f.Encode()
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), "prior.json")
	if err := os.WriteFile(name, text, 0o600); err != nil {
		t.Fatal(err)
	}
	got, unknown, err := Read(name)
	if err != nil || unknown != nil || !reflect.DeepEqual(got, f) {
		t.Errorf("got %+v, unknown %q, %v, want %+v", got, unknown, err, f)
	}
	if *got.Reference() != *Builtin() {
		t.Error("the reference differs")
	}
}

// TestPartialFile: unknown behaviors are reported, missing ones are those of the built-in.
func TestPartialFile(t *testing.T) {
	f, unknown, err := Parse([]byte(`{"version":1,"values":{"calls":[5,9,15,21],"z":[0],"a":{}},"more":true}`))
	if err != nil || !slices.Equal(unknown, []string{"a", "z"}) {
		t.Fatal(unknown, err)
	}
	want := Builtin()
	want.Values[features.Calls] = [Levels]float64{5, 9, 15, 21}
	if *f.Reference() != *want {
		t.Errorf("got %v", f.Reference())
	}
}

// TestInvalidFiles: the error names the field at fault.
func TestInvalidFiles(t *testing.T) {
	values := func(s string) string { return `{"version":1,"values":{"logins":[1,2,3,4],"calls":` + s + `}}` }
	for _, c := range []struct{ text, names string }{
		{``, "JSON"}, {`[]`, "JSON"}, {`{"version":1,"values":{"calls":[4,8,14,20]}} {}`, "JSON"},
		{`{}`, "version"}, {`{"version":2,"values":{"calls":[4,8,14,20]}}`, "version"},
		{`{"version":1}`, "values"}, {`{"version":1,"values":{}}`, "values"},
		{values(`[4,8,14]`), "values.calls"}, {values(`[4,8,14,20,30]`), "values.calls"}, {values(`null`), "values.calls"},
		{values(`"4"`), "values.calls"}, {values(`[4,8,14,1e999]`), "values.calls"}, {values(`[4,8,14,"x"]`), "values.calls"},
		{values(`[0,8,14,20]`), "values.calls[0]"}, {values(`[-4,8,14,20]`), "values.calls[0]"},
		{values(`[4,8,8,20]`), "values.calls[2]"}, {values(`[4,8,14,13]`), "values.calls[3]"}, {values(`[4,8,14,2e12]`), "values.calls[3]"},
		{`{"version":1,"created":"yesterday","values":{"calls":[4,8,14,20]}}`, "timestamp"},
		{strings.Repeat(" ", MaxFileBytes+1), "larger"},
	} {
		f, _, err := Parse([]byte(c.text))
		if err == nil || f != nil || !strings.Contains(err.Error(), c.names) {
			t.Errorf("%.80s: %v, want an error that names %s", c.text, err, c.names)
		}
	}
}

// TestUnreadableFilesAreNamed: a file that does not exist, is a directory, is too large or is
// invalid is named by the error.
func TestUnreadableFilesAreNamed(t *testing.T) {
	dir := t.TempDir()
	large, invalid := filepath.Join(dir, "large.json"), filepath.Join(dir, "invalid.json")
	if err := os.WriteFile(large, make([]byte, MaxFileBytes+1), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(invalid, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{dir, large, invalid, filepath.Join(dir, "absent.json")} {
		if _, _, err := Read(name); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// FuzzParse: a file that is accepted gives a valid reference, and its text is accepted again.
func FuzzParse(f *testing.F) {
	text, err := FileOf(Builtin()).Encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add([]byte(`{"version":1,"values":{"calls":[5,9,15,21]}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		file, _, err := Parse(text)
		if err != nil {
			return
		}
		for b, values := range file.Reference().Values {
			if values[0] <= 0 || !slices.IsSorted(values[:]) {
				t.Errorf("behavior %d: %v", b, values)
			}
		}
		again, err := json.Marshal(file)
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := Parse(again); err != nil && len(file.Values) > 0 {
			t.Errorf("%s: %v", again, err)
		}
	})
}
