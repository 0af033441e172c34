package wire

import (
	"errors"
	"fmt"
	"math"

	"github.com/netlyra/netlyra/internal/models"
)

// appendName appends the object of the name in a packet, without its fields that are zero, or
// nothing without a name.
func appendName(dst []byte, f *models.NameFacts) []byte {
	if f.Kind == models.NameNone {
		return dst
	}
	dst = append(dst, `,"name":{"kind":"`...)
	dst = append(dst, models.NameKindText(f.Kind)...)
	dst = append(dst, '"')
	dst = appendHash(dst, `,"hash":"`, f.Hash)
	dst = appendHash(dst, `,"domain":"`, f.Domain)
	dst = appendUnlessZero(dst, `,"len":`, uint64(f.Len))
	dst = appendUnlessZero(dst, `,"labels":`, uint64(f.Labels))
	dst = appendUnlessZero(dst, `,"domain_len":`, uint64(f.DomainLen))
	if f.Entropy != 0 {
		dst = appendHundredths(append(dst, `,"entropy":`...), uint64(f.Entropy))
	}
	dst = appendUnlessZero(dst, `,"type":`, uint64(f.Type))
	dst = appendUnlessZero(dst, `,"code":`, uint64(f.Code))
	dst = appendUnlessZero(dst, `,"answers":`, uint64(f.Answers))
	dst = appendHash(dst, `,"ja4":"`, f.JA4)
	dst = appendTextUnlessEmpty(dst, `,"text":`, f.Text)
	return append(dst, '}')
}

func appendUnlessZero(dst []byte, name string, n uint64) []byte {
	if n == 0 {
		return dst
	}
	return appendUint(append(dst, name...), n)
}

// hashLen is the number of hexadecimal digits of a hash.
const hashLen = 16

func appendHash(dst []byte, name string, h uint64) []byte {
	if h == 0 {
		return dst
	}
	dst = append(dst, name...)
	for shift := 60; shift >= 0; shift -= 4 {
		dst = append(dst, "0123456789abcdef"[h>>shift&15])
	}
	return append(dst, '"')
}

// parseHash parses the digits of a hash.
func parseHash(s []byte) (h uint64, ok bool) {
	if len(s) != hashLen {
		return 0, false
	}
	for _, c := range s {
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c >= 'a' && c <= 'f':
			c -= 'a' - 10
		default:
			return 0, false
		}
		h = h<<4 | uint64(c)
	}
	return h, true
}

// name parses the object that appendName writes, after its opening brace.
func (c *cursor) name(f *models.NameFacts) (ok bool) {
	if !c.lit(`"kind":"`) {
		return false
	}
	if f.Kind, ok = models.ParseNameKind(c.text()); !ok {
		return false
	}
	if c.lit(`,"hash":"`) && !c.hash(&f.Hash) ||
		c.lit(`,"domain":"`) && !c.hash(&f.Domain) ||
		c.lit(`,"len":`) && !small(c, &f.Len, 1<<8) ||
		c.lit(`,"labels":`) && !small(c, &f.Labels, 1<<8) ||
		c.lit(`,"domain_len":`) && !small(c, &f.DomainLen, 1<<8) ||
		c.lit(`,"entropy":`) && !c.hundredths(&f.Entropy) ||
		c.lit(`,"type":`) && !small(c, &f.Type, 1<<16) ||
		c.lit(`,"code":`) && !small(c, &f.Code, 1<<8) ||
		c.lit(`,"answers":`) && !small(c, &f.Answers, 1<<8) ||
		c.lit(`,"ja4":"`) && !c.hash(&f.JA4) {
		return false
	}
	if c.lit(`,"text":"`) {
		s := c.text()
		if !plain(s) {
			return false
		}
		f.Text = string(s)
	}
	return c.lit("}")
}

func (c *cursor) hash(h *uint64) (ok bool) {
	*h, ok = parseHash(c.text())
	return ok
}

var errNoName = errors.New("want an object with a kind: dns_query, dns_answer, tls or http")

// setName parses any valid JSON value as the name of a packet.
func setName(f *models.NameFacts, raw []byte) error {
	*f = models.NameFacts{}
	if raw[0] != '{' {
		return errNoName
	}
	err := eachField(raw, func(key string, raw []byte) error {
		if err := setNameField(f, key, raw); err != nil {
			return fmt.Errorf("%s: %w", key, err)
		}
		return nil
	})
	if err == nil && f.Kind == models.NameNone {
		return errNoName
	}
	return err
}

func setNameField(f *models.NameFacts, key string, raw []byte) error {
	switch key {
	case "kind":
		return setText(raw, func(s string) (err error) {
			var ok bool
			if f.Kind, ok = models.ParseNameKind(s); !ok {
				err = errNoName
			}
			return err
		})
	case "hash":
		return setHash(&f.Hash, raw)
	case "domain":
		return setHash(&f.Domain, raw)
	case "ja4":
		return setHash(&f.JA4, raw)
	case "len":
		return setNumber(&f.Len, raw, math.MaxUint8)
	case "labels":
		return setNumber(&f.Labels, raw, math.MaxUint8)
	case "domain_len":
		return setNumber(&f.DomainLen, raw, math.MaxUint8)
	case "entropy":
		return setEntropy(&f.Entropy, raw)
	case "type":
		return setNumber(&f.Type, raw, math.MaxUint16)
	case "code":
		return setNumber(&f.Code, raw, math.MaxUint8)
	case "answers":
		return setNumber(&f.Answers, raw, math.MaxUint8)
	case "text":
		return setText(raw, func(s string) error { f.Text = s; return nil })
	}
	return nil
}

func setHash(h *uint64, raw []byte) error {
	return setText(raw, func(s string) (err error) {
		var ok bool
		if *h, ok = parseHash([]byte(s)); !ok {
			err = fmt.Errorf("want %d hexadecimal digits in lower case", hashLen)
		}
		return err
	})
}
