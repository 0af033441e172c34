package engine

import (
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
)

// attack is a public capture of an attack, and the expected alert.
type attack struct {
	name, attacker, kind string
	alone                bool // is found though the capture begins with it
}

var attacks = []attack{
	{"mk_ftp-crack", "10.234.125.254", vocabulary.KindBruteForce, true},
	{"ndpi_dns-tunnel-iodine", "10.0.2.30", vocabulary.KindTunnel, false},
	{"ndpi_synscan", "172.16.0.8", vocabulary.KindPortScan, true},
	{"nmap_tcp_connect", "192.168.1.10", vocabulary.KindPortScan, true},
	{"nmap_udp", "192.168.1.10", vocabulary.KindPortScan, true},
	{"slips_malicious-ssh-bruteforce", "147.32.80.40", vocabulary.KindBruteForce, false},
}

// alertsOn runs a capture and returns the last record of each alert.
func alertsOn(t *testing.T, path string) map[string]models.Alert {
	t.Helper()
	out := map[string]models.Alert{}
	p := pipeline(t, out)
	list, _ := readCapture(t, path)
	run(p, list, 0)
	p.Flush()
	return out
}

func (a attack) check(t *testing.T, alerts map[string]models.Alert) (others int) {
	t.Helper()
	found := false
	for _, x := range alerts {
		if x.SrcIP != a.attacker {
			others++
			continue
		}
		found = true
		if x.Kind != a.kind {
			t.Errorf("%s has kind %s, want %s: %s", x.ID, x.Kind, a.kind, x.Summary)
		}
	}
	if !found {
		t.Errorf("no alert about %s", a.attacker)
	}
	return others
}

func TestAttacksAlone(t *testing.T) {
	for _, a := range attacks {
		if a.alone {
			t.Run(a.name, func(t *testing.T) {
				if others := a.check(t, alertsOn(t, shared(t, "corpora/attacks/attack/"+a.name+".pcap"))); others > 0 {
					t.Errorf("%d alerts about other hosts", others)
				}
			})
		}
	}
}

// TestAttacksAmongBenign mixes each attack into an hour of typical traffic.
func TestAttacksAmongBenign(t *testing.T) {
	tool, benign := shared(t, "tools/splice.py"), shared(t, "corpora/attacks/benign")
	if _, err := exec.LookPath("python3"); err != nil {
		t.Skip("splice.py needs python3")
	}
	for _, a := range attacks {
		t.Run(a.name, func(t *testing.T) {
			t.Parallel()
			out := filepath.Join(t.TempDir(), "out.pcap")
			cmd := exec.Command("python3", tool, "-o", out, "--labels", out+".csv", "--benign", benign, "--attack",
				shared(t, "corpora/attacks/attack/"+a.name+".pcap"), "--replicas", "2", "--seed", "4")
			if text, err := cmd.CombinedOutput(); err != nil {
				t.Fatalf("splice.py: %v\n%s", err, text)
			}
			alerts := alertsOn(t, out)
			if others := a.check(t, alerts); others > 3 {
				t.Errorf("%d false alerts in an hour", others)
			}
			for _, x := range alerts {
				t.Log(x.Score, x.Count, x.Summary)
			}
		})
	}
}
