package unpack

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
)

// Content of the parts of the files below. Go has no bzip2 writer.
const (
	one   = "capture one\ncapture one\ncapture one\n"
	two   = "capture two\n"
	bzOne = "QlpoOTFBWSZTWV+EHC0AAAXRgAAQQAAqAdYAIAAiv9VDJo0IBppojCGkuqcUt5b4u5IpwoSC/CDhaA=="
	bzTwo = "QlpoOTFBWSZTWQANEyoAAAHRgAAQQAAqANaAIAAxANNNBANDIAK1aiU3i7kinChIAAaJlQA="
)

func pack(t testing.TB, format, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	var w io.WriteCloser
	switch format {
	case "gzip":
		w = gzip.NewWriter(&b)
	case "zstd":
		z, err := zstd.NewWriter(&b)
		if err != nil {
			t.Fatal(err)
		}
		w = z
	case "lz4":
		l := lz4.NewWriter(&b)
		if err := l.Apply(lz4.BlockSizeOption(lz4.Block64Kb)); err != nil { // what is cut is lost by the block
			t.Fatal(err)
		}
		w = l
	case "lz4 legacy":
		l := lz4.NewWriter(&b)
		if err := l.Apply(lz4.LegacyOption(true)); err != nil {
			t.Fatal(err)
		}
		w = l
	case "bzip2":
		raw, err := base64.StdEncoding.DecodeString(map[string]string{one: bzOne, two: bzTwo}[text])
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// skippable returns a frame that decoders skip.
func skippable(nibble byte, n int) []byte {
	b := []byte{0x50 | nibble, 0x2a, 0x4d, 0x18}
	return append(binary.LittleEndian.AppendUint32(b, uint32(n)), bytes.Repeat([]byte{0xee}, n)...)
}

func unpackAll(b []byte) (string, error) {
	r, done, err := Reader(bytes.NewReader(b))
	defer done()
	if err != nil {
		return "", err
	}
	out, err := io.ReadAll(r)
	return string(out), err
}

// files are what the formats' own tools write and read.
func files(t testing.TB) map[string][]byte {
	out := map[string][]byte{"plain": []byte(one + two)}
	for _, f := range []string{"gzip", "zstd", "bzip2", "lz4"} {
		a, b := pack(t, f, one), pack(t, f, two)
		out[f+", two frames"] = slices.Concat(a, b)
		if f == "zstd" || f == "lz4" {
			out[f+", skippable first"] = slices.Concat(skippable(0, 4), a, b)
			out[f+", skippable everywhere"] = slices.Concat(skippable(3, 0), skippable(15, 70_000), a, skippable(1, 4), skippable(2, 9), b, skippable(7, 100_000))
		}
	}
	out["lz4, legacy"] = pack(t, "lz4 legacy", one+two)
	out["gzip, padded"] = slices.Concat(pack(t, "gzip", one+two), make([]byte, 100_000))
	out["gzip, two members and one zero"] = slices.Concat(pack(t, "gzip", one), pack(t, "gzip", two), []byte{0})
	return out
}

func TestWhatTheToolsWrite(t *testing.T) {
	for name, b := range files(t) {
		if got, err := unpackAll(b); err != nil || got != one+two {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}

func TestTrailingBytes(t *testing.T) {
	for _, f := range []string{"gzip", "zstd", "bzip2", "lz4"} {
		for what, tail := range map[string]string{"text": "what follows is text", "zeros and text": "\x00\x00what"} {
			got, err := unpackAll(append(pack(t, f, one), tail...))
			if got != one || !errors.Is(err, ErrTrailing) || !strings.Contains(err.Error(), f) {
				t.Errorf("%s, %s: %q, %v", f, what, got, err)
			}
		}
	}
}

// TestTruncatedAnywhere: truncated data is decompressed as far as possible, then the error
// names the format.
func TestTruncatedAnywhere(t *testing.T) {
	for name, b := range files(t) {
		if name == "plain" || strings.Contains(name, "padded") {
			continue
		}
		for n := 1; n < min(len(b), 300); n++ {
			got, err := unpackAll(b[:n])
			if !strings.HasPrefix(one+two, got) && n >= 4 {
				t.Fatalf("%s cut to %d bytes: %q", name, n, got)
			}
			if err == nil && n >= 6 && got != "" && got != one && got != one+two {
				t.Errorf("%s cut to %d bytes: %q without an error", name, n, got)
			}
			if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
				t.Errorf("%s cut to %d bytes: %v", name, n, err)
			}
		}
	}
	big := strings.Repeat("0123456789abcdef", 1<<16)
	for _, f := range []string{"gzip", "zstd", "lz4"} {
		b := pack(t, f, big)
		got, err := unpackAll(b[:len(b)-9])
		if !errors.Is(err, io.ErrUnexpectedEOF) || len(got) < len(big)/2 || !strings.HasPrefix(big, got) {
			t.Errorf("%s: %d of %d bytes, %v", f, len(got), len(big), err)
		}
	}
}

func TestEmptyContent(t *testing.T) {
	for name, b := range map[string][]byte{"nothing": nil, "skippable alone": skippable(0, 4)} {
		if got, err := unpackAll(b); got != "" || err != nil {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	if _, err := unpackAll(skippable(0, 10)[:12]); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("cut skippable frame: %v", err)
	}
}

func FuzzReader(f *testing.F) {
	for _, b := range files(f) {
		f.Add(b[:min(len(b), 400)])
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		r, done, err := Reader(bytes.NewReader(b))
		defer done()
		if err == nil {
			_, _ = io.Copy(io.Discard, io.LimitReader(r, 16<<20))
		}
	})
}
