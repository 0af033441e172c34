package recorder

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"

	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
	"github.com/netlyra/netlyra/internal/store/row"
	"github.com/netlyra/netlyra/internal/wire"
)

// Limits of a record. No producer of NetLyra exceeds them; larger records would fill the
// database.
const (
	maxRecord = 1 << 20 // bytes
	maxID     = 128     // bytes
	maxText   = 8 << 10 // bytes of any other text
)

// decodeAlert decodes and checks a record of the alerts topic. Fields that another
// program's producer may omit get neutral values.
func decodeAlert(b []byte, a *models.Alert) error {
	if err := checkValue(b); err != nil {
		return err
	}
	if err := json.Unmarshal(b, a); err != nil {
		return err
	}
	a.Count = max(a.Count, 1)
	a.LastTS = max(a.LastTS, a.TS)
	if a.Severity == "" {
		a.Severity = models.SeverityLow
	}
	if a.Kind == "" {
		a.Kind = vocabulary.KindUnusual
	}
	if a.Features == nil {
		a.Features = map[string]float64{}
	}
	if a.Reasons == nil {
		a.Reasons = []models.Reason{}
	}
	var statistic string
	if e := a.Evidence; e != nil {
		statistic = e.Feature
		e.Series = e.Series[max(len(e.Series)-models.MaxEvidencePoints, 0):]
	}
	switch {
	case !(a.Score >= 0 && a.Score <= 1): // NaN too
		return fmt.Errorf("score is %v, want 0…1", a.Score)
	case row.SeverityRank(a.Severity) == 0:
		return fmt.Errorf("severity is %.40q, want low, medium, high or critical", a.Severity)
	}
	proto, _ := models.ParseProto(a.Proto)
	for _, ip := range []*string{&a.SrcIP, &a.DstIP} {
		if *ip == "" && proto.IsLink() {
			continue // spanning tree and LLDP have no addresses
		}
		if err := canonical(ip); err != nil {
			return err
		}
	}
	return checkRow(a.ID, a.Proto, a.Kind, a.Technique, a.Scale, a.Summary, a.Conn, statistic)
}

// decodeConnection decodes and checks a record of the connections topic.
func decodeConnection(b []byte, c *models.Connection) error {
	if err := checkValue(b); err != nil {
		return err
	}
	if err := wire.ParseConnection(b, c); err != nil {
		return err
	}
	c.LastTS = max(c.LastTS, c.TS)
	if c.Phase == "" {
		c.Phase = "new"
	}
	if row.PhaseRank(c.Phase) == 0 {
		return fmt.Errorf("phase is %.40q, want new, active, idle, closed or expired", c.Phase)
	}
	if err := cmp.Or(canonical(&c.SrcIP), canonical(&c.DstIP)); err != nil {
		return err
	}
	return checkRow(c.ID, c.Proto, c.State, c.History, c.Service, c.Tunnel, c.Parent, c.Community, c.SNI, c.JA4)
}

func checkValue(b []byte) error {
	if len(b) > maxRecord {
		return fmt.Errorf("record has %d bytes, limit is %d", len(b), maxRecord)
	}
	if len(b) == 0 {
		return errors.New("record has no value")
	}
	if b[0] != '{' {
		return errors.New("value is not a JSON object")
	}
	return nil
}

// canonical rewrites an address to its canonical form, so that equal addresses are equal text.
func canonical(ip *string) error {
	a, err := netip.ParseAddr(*ip)
	if err != nil {
		return fmt.Errorf("%.60q is not an IP address", *ip)
	}
	if t := a.Unmap().WithZone("").String(); t != *ip {
		*ip = t
	}
	return nil
}

// checkRow checks what alerts and connections share.
func checkRow(id string, texts ...string) error {
	if id == "" || len(id) > maxID {
		return fmt.Errorf("id has %d bytes, want 1…%d", len(id), maxID)
	}
	for _, t := range texts {
		if len(t) > maxText {
			return fmt.Errorf("text has %d bytes, limit is %d", len(t), maxText)
		}
	}
	return nil
}
