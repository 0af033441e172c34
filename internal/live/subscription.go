package live

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"slices"
	"strings"

	"github.com/netlyra/netlyra/internal/models"
)

// request is a message of a client. An absent field does not change that part of the
// subscription; "filter":{} removes all filters.
type request struct {
	Subscribe *[]Event `json:"subscribe"`
	Filter    *filter  `json:"filter"`
}

// filter selects alert and connection messages; its fields are combined with "and".
type filter struct {
	IP       string            `json:"ip,omitempty"` // address or prefix of one endpoint
	Port     *uint16           `json:"port,omitempty"`
	Proto    string            `json:"proto,omitempty"`
	MinScore *float64          `json:"min_score,omitempty"` // alerts
	Severity []models.Severity `json:"severity,omitempty"`  // alerts
	Kind     []string          `json:"kind,omitempty"`      // alerts
	Phase    []string          `json:"phase,omitempty"`     // connections

	prefix netip.Prefix
}

// subscription selects the messages of a client. It is immutable.
type subscription struct {
	want   [kinds]bool
	filter filter
}

// defaultSubscription applies until a client changes it.
func defaultSubscription() *subscription {
	s := &subscription{}
	s.want[kindAlert], s.want[kindStats] = true, true
	return s
}

// response is the data of a subscribed message.
type response struct {
	Subscribe []Event `json:"subscribe"`
	Filter    filter  `json:"filter"`
}

func (s *subscription) response() response {
	a := response{Subscribe: []Event{}, Filter: s.filter}
	for k, on := range s.want {
		if on {
			a.Subscribe = append(a.Subscribe, events[k])
		}
	}
	return a
}

// change returns the subscription after message b of the client.
func (s *subscription) change(b []byte) (*subscription, error) {
	var r request
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&r); err != nil {
		return nil, fmt.Errorf("message is malformed: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("message contains more than one JSON value")
	}
	if r.Subscribe == nil && r.Filter == nil {
		return nil, errors.New(`message has neither "subscribe" nor "filter"`)
	}
	next := *s
	if r.Subscribe != nil {
		next.want = [kinds]bool{}
		for _, e := range *r.Subscribe {
			k := slices.Index(events[:], e)
			if k < 0 {
				return nil, fmt.Errorf("subscribe: unknown event %.40q, want alert, stats, connection or scores", e)
			}
			next.want[k] = true
		}
	}
	if r.Filter != nil {
		if err := r.Filter.check(); err != nil {
			return nil, fmt.Errorf("filter: %w", err)
		}
		next.filter = *r.Filter
	}
	return &next, nil
}

func (f *filter) check() error {
	if f.IP != "" {
		p, err := netip.ParsePrefix(f.IP)
		if a, aerr := netip.ParseAddr(f.IP); aerr == nil {
			a = a.Unmap().WithZone("")
			p, err = netip.PrefixFrom(a, a.BitLen()), nil
		}
		if err != nil {
			return fmt.Errorf("ip is %.60q, want an address or a prefix", f.IP)
		}
		f.prefix = models.UnmapPrefix(p)
	}
	if _, ok := models.ParseProto(f.Proto); f.Proto != "" && !ok {
		return fmt.Errorf("proto is %.40q, want %s", f.Proto, models.ProtoForms)
	}
	if s := f.MinScore; s != nil && !(*s >= 0 && *s <= 1) {
		return fmt.Errorf("min_score is %v, want 0…1", *s)
	}
	for _, s := range f.Severity {
		if !slices.Contains([]models.Severity{models.SeverityLow, models.SeverityMedium, models.SeverityHigh, models.SeverityCritical}, s) {
			return fmt.Errorf("severity is %.40q, want low, medium, high or critical", s)
		}
	}
	for _, p := range f.Phase {
		if !slices.Contains([]string{"new", "active", "idle", "closed", "expired"}, p) {
			return fmt.Errorf("phase is %.40q, want new, active, idle, closed or expired", p)
		}
	}
	return nil
}

func (f *filter) alert(a *models.Alert) bool {
	return (f.MinScore == nil || a.Score >= *f.MinScore) &&
		(len(f.Severity) == 0 || slices.Contains(f.Severity, a.Severity)) &&
		(len(f.Kind) == 0 || slices.Contains(f.Kind, a.Kind)) &&
		f.ends(a.SrcIP, a.DstIP, a.SrcPort, a.DstPort, a.Proto)
}

func (f *filter) connection(c *models.Connection) bool {
	return (len(f.Phase) == 0 || slices.Contains(f.Phase, c.Phase)) &&
		f.ends(c.SrcIP, c.DstIP, c.SrcPort, c.DstPort, c.Proto)
}

func (f *filter) ends(src, dst string, srcPort, dstPort uint16, proto string) bool {
	if f.Port != nil && *f.Port != srcPort && *f.Port != dstPort {
		return false
	}
	if f.Proto != "" && !strings.EqualFold(f.Proto, proto) {
		return false
	}
	return !f.prefix.IsValid() || f.holds(src) || f.holds(dst)
}

func (f *filter) holds(ip string) bool {
	a, err := netip.ParseAddr(ip)
	return err == nil && f.prefix.Contains(a.Unmap())
}
