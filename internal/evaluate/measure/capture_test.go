package measure

import (
	"encoding/json"
	"math"
	"net/netip"
	"strings"
	"testing"

	"github.com/netlyra/netlyra/internal/models"
)

var (
	attacker = netip.MustParseAddr("10.0.0.66")
	victim   = netip.MustParseAddr("10.0.0.1")
	other    = netip.MustParseAddr("10.0.0.2")
	server   = netip.MustParseAddr("93.184.0.9")
)

const second = models.Timestamp(1e9)

// scene returns one hour with a packet per second. All are benign with score 0.1, except for
// a scan in seconds 1000 to 1009 with score 0.7 for four packets and then 0.9, a flood in
// seconds 2000 to 2004 with score 0.5, and one benign packet with score 0.8.
func scene() *Capture {
	c := NewCapture(.8, []string{"scan", "flood"})
	for i := range models.Timestamp(3601) {
		p := Packet{TS: i * second, Src: other, Dst: server, Score: .1, Attack: -1}
		switch {
		case i >= 1000 && i < 1010:
			p.Src, p.Dst, p.Attack, p.Score = attacker, victim, 0, .9
			if i < 1004 {
				p.Score = .7
			}
		case i >= 2000 && i < 2005:
			p.Src, p.Dst, p.Attack, p.Score = server, victim, 1, .5
		case i == 3000:
			p.Score = .8
		}
		c.Add(p)
	}
	return c
}

func alert(id string, from, to models.Timestamp, src, dst netip.Addr) *models.Alert {
	return &models.Alert{ID: id, TS: from * second, LastTS: to * second, SrcIP: src.String(), DstIP: dst.String(), Count: 1, Score: .9}
}

// TestResult compares every figure with the values of scene computed by hand.
func TestResult(t *testing.T) {
	c := scene()
	c.Alert(alert("a", 1004, 1004, attacker, victim))
	grown := alert("a", 1004, 1009, attacker, victim)
	grown.Count = 6
	c.Alert(grown)
	c.Alert(alert("a", 1004, 1005, attacker, victim)) // out of order: must not replace the record with the higher count
	c.Alert(alert("b", 3000, 3000, other, server))    // false
	c.Alert(alert("c", 1000, 1009, other, server))    // false: other hosts
	c.Alert(alert("d", 900, 999, attacker, victim))   // false: before the attack
	r := c.Result()

	if r.Packets != 3601 || r.Hours != 1 || r.Attacks != 15 || r.Benign != 3586 {
		t.Errorf("%d packets in %v h, %d of attacks, %d benign", r.Packets, r.Hours, r.Attacks, r.Benign)
	}
	if want := 1. / 3586; math.Abs(float64(r.BenignAbove)-want) > 1e-12 {
		t.Errorf("benign above .8: %v, want %v", r.BenignAbove, want)
	}
	// One benign packet, with .8, scores above the four with .7 and the five with .5.
	if want := 1 - 9./(15*3586); math.Abs(float64(r.ROCAUC)-want) > 1e-12 {
		t.Errorf("ROC-AUC %v, want %v", r.ROCAUC, want)
	}
	if !r.Detected || r.AfterPackets != 5 || r.AfterSeconds != 4 {
		t.Errorf("%+v, want detection at the fifth packet, after 4 s", r.Detection)
	}
	if r.FalseAlerts != 3 || r.FalseAlertsPerHour != 3 || len(r.Alerts) != 4 {
		t.Errorf("%d alerts, %d of them false, %v an hour; want 4, 3, 3", len(r.Alerts), r.FalseAlerts, r.FalseAlertsPerHour)
	}
	if a := r.Alerts[0]; !a.Hit || a.ID != "a" || a.Alert.Count != 6 || len(a.Attacks) != 1 || a.Attacks[0] != "scan" {
		t.Errorf("%+v", a)
	}
	scan, flood := r.ByAttack[0], r.ByAttack[1]
	if scan.Name != "scan" || scan.Count != 10 || scan.Above != 6 || scan.Lasted != 9 || !scan.Detected || scan.AfterPackets != 5 {
		t.Errorf("%+v", scan)
	}
	if flood.Count != 5 || flood.Above != 0 || flood.Detected || flood.AfterSeconds.Known() {
		t.Errorf("%+v", flood)
	}
}

// TestDetectedByAnswer: an alert that starts with an unlabeled packet of the attacked
// connection, here a response of the victim, counts from its start.
func TestDetectedByAnswer(t *testing.T) {
	c := NewCapture(.8, []string{"attack"})
	for i := range models.Timestamp(10) {
		c.Add(Packet{TS: i * second, Src: attacker, Dst: victim, Score: .5})
		c.Add(Packet{TS: i*second + second/2, Src: victim, Dst: attacker, Score: .9, Attack: -1})
	}
	a := alert("a", 2, 9, attacker, victim)
	a.TS += second / 2
	c.Alert(a)
	if d := c.Result().Detection; !d.Detected || d.AfterSeconds != 2.5 || d.AfterPackets != 3 {
		t.Errorf("%+v", d)
	}
}

// TestDetectedBefore: an alert about the attacker that started before its attack hits
// it, without a time of detection.
func TestDetectedBefore(t *testing.T) {
	c := NewCapture(.8, []string{"attack"})
	c.Add(Packet{TS: 0, Src: attacker, Dst: victim, Attack: -1, Score: .9})
	c.Add(Packet{TS: second, Src: attacker, Dst: victim, Score: .5})
	c.Alert(alert("a", 0, 2, attacker, victim))
	if d := c.Result().Detection; !d.Detected || d.AfterPackets.Known() {
		t.Errorf("%+v", d)
	}
}

// TestEmptyCapture: figures without data are unknown, in text and in JSON.
func TestEmptyCapture(t *testing.T) {
	r := NewCapture(.8, nil).Result()
	if r.ROCAUC.Known() || r.BenignAbove.Known() || r.FalseAlertsPerHour.Known() || r.Detected {
		t.Errorf("%+v", r)
	}
	if b, err := json.Marshal(r); err != nil || !strings.Contains(string(b), `"roc_auc":null`) {
		t.Errorf("%s, %v", b, err)
	}
	if !strings.Contains(r.String(), "ROC-AUC") {
		t.Errorf("%s", r)
	}
}
