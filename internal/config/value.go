package config

import (
	"fmt"
	"log/slog"
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// Bytes is a size in bytes. Its text form is a number with an optional unit: B, KB, MB, GB,
// TB (powers of 1000) or KiB, MiB, GiB, TiB (powers of 1024).
type Bytes int64

var byteUnits = []struct {
	name string
	size int64
}{
	{"TiB", 1 << 40}, {"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10},
	{"TB", 1e12}, {"GB", 1e9}, {"MB", 1e6}, {"KB", 1e3}, {"B", 1},
}

// String returns b with the largest binary unit that gives a whole number.
func (b Bytes) String() string {
	for _, u := range byteUnits[:4] {
		if b != 0 && int64(b)%u.size == 0 {
			return strconv.FormatInt(int64(b)/u.size, 10) + u.name
		}
	}
	return strconv.FormatInt(int64(b), 10)
}

// ParseBytes parses a size such as 64MiB, 1.5GB or 4096.
func ParseBytes(s string) (Bytes, error) {
	number, size := strings.TrimSpace(s), int64(1)
	for _, u := range byteUnits {
		if n := len(number) - len(u.name); n > 0 && strings.EqualFold(number[n:], u.name) {
			number, size = strings.TrimSpace(number[:n]), u.size
			break
		}
	}
	f, err := strconv.ParseFloat(number, 64)
	if err != nil || math.IsNaN(f) || f < 0 || f*float64(size) >= math.MaxInt64 {
		return 0, fmt.Errorf("want a size such as 64MiB, 2GB or 4096")
	}
	return Bytes(f * float64(size)), nil
}

// GCPercent is the heap growth between two garbage collections in percent; -1 is off.
type GCPercent int

// String returns the number, or off.
func (g GCPercent) String() string {
	if g == -1 {
		return "off"
	}
	return strconv.Itoa(int(g))
}

// Secret is a text that is masked in all output.
type Secret string

// String masks the secret, so that logs and errors do not contain it.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return "******"
}

// GoString masks the secret for %#v.
func (s Secret) GoString() string { return strconv.Quote(s.String()) }

// LogValue masks the secret in slog.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText masks the secret in JSON and other encodings.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Reveal returns the secret.
func (s Secret) Reveal() string { return string(s) }

// ParseDuration parses a Go duration (1h30m, 250ms) or whole days and weeks (7d, 2w).
func ParseDuration(s string) (time.Duration, error) {
	for unit, hours := range map[string]int64{"d": 24, "w": 168} {
		number, found := strings.CutSuffix(s, unit)
		n, err := strconv.ParseInt(number, 10, 32)
		if found && err == nil && n*hours <= math.MaxInt64/int64(time.Hour) {
			return time.Duration(n*hours) * time.Hour, nil
		}
	}
	if s == "0" {
		return 0, nil
	}
	d, err := time.ParseDuration(s)
	if err != nil {
		return 0, fmt.Errorf("want a duration such as 250ms, 90s, 1h30m or 7d")
	}
	return d, nil
}

// formatDuration returns the shortest form that ParseDuration accepts.
func formatDuration(d time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case d == 0:
		return "0"
	case d%day == 0 && d > day:
		return strconv.FormatInt(int64(d/day), 10) + "d"
	}
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = s[:len(s)-2]
	}
	if strings.HasSuffix(s, "h0m") {
		s = s[:len(s)-2]
	}
	return s
}

// parseInto parses text into v, a settable field of a setting.
func parseInto(v reflect.Value, text string) error {
	text = strings.TrimSpace(text)
	switch p := v.Addr().Interface().(type) {
	case *string:
		*p = text
	case *Secret:
		*p = Secret(text)
	case *[]string:
		*p = splitList(text)
	case *bool:
		return parseBool(p, text)
	case *time.Duration:
		return assign(p, text, ParseDuration)
	case *Bytes:
		return assign(p, text, ParseBytes)
	case *GCPercent:
		return assign(p, text, parseGC)
	case *int:
		return assign(p, text, parseInt)
	case *int64:
		n, err := strconv.ParseInt(text, 10, 64)
		*p = n
		return wanted(err, "want a whole number")
	case *float64:
		f, err := strconv.ParseFloat(text, 64)
		if math.IsNaN(f) || math.IsInf(f, 0) {
			return fmt.Errorf("want a number")
		}
		*p = f
		return wanted(err, "want a number")
	default:
		return fmt.Errorf("settings of type %s are not supported", v.Type())
	}
	return nil
}

func assign[T any](p *T, text string, parse func(string) (T, error)) (err error) {
	*p, err = parse(text)
	return err
}

func wanted(err error, want string) error {
	if err != nil {
		return fmt.Errorf("%s", want)
	}
	return nil
}

func parseInt(s string) (int, error) {
	n, err := strconv.Atoi(s)
	return n, wanted(err, "want a whole number")
}

func parseGC(s string) (GCPercent, error) {
	if strings.EqualFold(s, "off") {
		return -1, nil
	}
	n, err := strconv.Atoi(s)
	return GCPercent(n), wanted(err, "want a whole number of percent, or off")
}

func parseBool(p *bool, s string) error {
	switch strings.ToLower(s) {
	case "true", "yes", "on", "1":
		*p = true
	case "false", "no", "off", "0":
		*p = false
	default:
		return fmt.Errorf("want true or false")
	}
	return nil
}

func splitList(s string) (list []string) {
	for part := range strings.SplitSeq(s, ",") {
		if part = strings.TrimSpace(part); part != "" {
			list = append(list, part)
		}
	}
	return list
}

// format returns the text form of a setting's value; secrets are masked.
func format(v reflect.Value) string {
	switch x := v.Interface().(type) {
	case []string:
		return strings.Join(x, ",")
	case time.Duration:
		return formatDuration(x)
	case float64:
		return strconv.FormatFloat(x, 'f', -1, 64)
	default:
		return fmt.Sprint(x)
	}
}
