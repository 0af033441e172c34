package reference

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/netlyra/netlyra/engine/features"
	"github.com/netlyra/netlyra/internal/models"
)

// FileVersion is the version of the form of files.
const FileVersion = 1

// MaxFileBytes is the largest file that is read, in bytes.
const MaxFileBytes = 1 << 20

// MaxValue is the largest value of a behavior in a file.
const MaxValue = 1e12

// File is a reference as `netlyra prior build` writes it, with its sources.
type File struct {
	Version        int                  `json:"version"`
	Created        models.Timestamp     `json:"created,omitzero"` // event time of the newest packet
	Sources        []Source             `json:"sources,omitempty"`
	SubjectMinutes map[string]uint64    `json:"subject_minutes,omitempty"` // by feature name: values that were measured
	Values         map[string][]float64 `json:"values"`                    // by feature name: the values at level 1 to Levels
}

// Source is a capture from which a file was made.
type Source struct {
	File    string  `json:"file"`    // name without its directory
	Packets uint64  `json:"packets"` // that were decoded
	Seconds float64 `json:"seconds"` // from the first packet to the last
}

// FileOf returns r as a file without sources.
func FileOf(r *Reference) *File {
	f := &File{Version: FileVersion, Values: map[string][]float64{}}
	for b := range features.Behaviors {
		f.Values[features.RowOf(b).Name] = slices.Clone(r.Values[b][:])
	}
	return f
}

// Read reads a file and validates it. unknown has the names of behaviors that this version
// does not have, sorted; their values are ignored. Errors name the file and the field.
func Read(path string) (f *File, unknown []string, err error) {
	st, err := os.Stat(path)
	if err != nil {
		return nil, nil, fmt.Errorf("prior file: %w", err)
	}
	if !st.Mode().IsRegular() {
		return nil, nil, fmt.Errorf("prior file %s: not a regular file; `netlyra prior build -o FILE` writes one", path)
	}
	in, err := os.Open(path)
	if err != nil {
		return nil, nil, fmt.Errorf("prior file: %w", err)
	}
	defer in.Close()
	text, err := io.ReadAll(io.LimitReader(in, MaxFileBytes+1))
	if err != nil {
		return nil, nil, fmt.Errorf("prior file: %w", err)
	}
	if f, unknown, err = Parse(text); err != nil {
		return nil, nil, fmt.Errorf("prior file %s: %w", path, err)
	}
	return f, unknown, nil
}

// Parse parses the text of a file as Read does. Errors name the field.
func Parse(text []byte) (f *File, unknown []string, err error) {
	if len(text) > MaxFileBytes {
		return nil, nil, fmt.Errorf("the file is larger than %d bytes", MaxFileBytes)
	}
	var raw struct {
		File
		Values map[string]json.RawMessage `json:"values"`
	}
	if err := json.Unmarshal(text, &raw); err != nil {
		return nil, nil, fmt.Errorf("invalid JSON: %w", err)
	}
	if raw.Version != FileVersion {
		return nil, nil, fmt.Errorf("version is %d, want %d; build the file again with this version of netlyra", raw.Version, FileVersion)
	}
	if len(raw.Values) == 0 {
		return nil, nil, errors.New("values is empty, want at least one behavior")
	}
	f = &raw.File
	f.Values = map[string][]float64{}
	var errs []error
	for name, text := range raw.Values {
		if _, ok := behaviorOf(name); !ok {
			unknown = append(unknown, name)
			continue
		}
		values, err := parseValues(name, text)
		errs = append(errs, err)
		f.Values[name] = values
	}
	slices.Sort(unknown)
	if err := first(errs); err != nil {
		return nil, nil, err
	}
	return f, unknown, nil
}

// first returns the error that is first in alphabetical order, so that it does not depend on
// the order of a map.
func first(errs []error) (out error) {
	for _, err := range errs {
		if err != nil && (out == nil || err.Error() < out.Error()) {
			out = err
		}
	}
	return out
}

func parseValues(name string, text []byte) (values []float64, err error) {
	if err := json.Unmarshal(text, &values); err != nil {
		return nil, fmt.Errorf("values.%s is %.60s, want %d finite numbers", name, text, Levels)
	}
	if len(values) != Levels {
		return nil, fmt.Errorf("values.%s has %d values, want %d", name, len(values), Levels)
	}
	for i, v := range values {
		switch {
		case !(v > 0 && v <= MaxValue):
			return nil, fmt.Errorf("values.%s[%d] is %v, want more than 0 and at most %v", name, i, v, float64(MaxValue))
		case i > 0 && v <= values[i-1]:
			return nil, fmt.Errorf("values.%s[%d] is %v, want more than %v, the value before", name, i, v, values[i-1])
		}
	}
	return values, nil
}

// Reference returns the values of the file; behaviors that it does not have are those of
// Builtin.
func (f *File) Reference() *Reference {
	r := Builtin()
	for name, values := range f.Values {
		if b, ok := behaviorOf(name); ok {
			copy(r.Values[b][:], values)
		}
	}
	return r
}

// Encode returns the text of the file. The error says if it would be too large to be read.
func (f *File) Encode() ([]byte, error) {
	text, err := json.MarshalIndent(f, "", "  ")
	if err != nil {
		return nil, err
	}
	if len(text) >= MaxFileBytes {
		return nil, fmt.Errorf("a prior file of %d sources is larger than %d bytes: use fewer captures, for example merged ones", len(f.Sources), MaxFileBytes)
	}
	return append(text, '\n'), nil
}

// behaviorOf returns the behavior whose feature has the name.
func behaviorOf(name string) (features.Behavior, bool) {
	for b := range features.Behaviors {
		if features.RowOf(b).Name == name {
			return b, true
		}
	}
	return 0, false
}
