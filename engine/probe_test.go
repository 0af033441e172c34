package engine

import (
	"fmt"
	"os"
	"sort"
	"strings"
	"testing"

	"github.com/netlyra/netlyra/engine/features"
	"github.com/netlyra/netlyra/internal/models"
)

func auc(scores []float64, labels []bool) float64 {
	idx := make([]int, len(scores))
	for i := range idx {
		idx[i] = i
	}
	sort.Slice(idx, func(a, b int) bool { return scores[idx[a]] < scores[idx[b]] })
	pos, neg, sum := 0.0, 0.0, 0.0
	for i := 0; i < len(idx); {
		j := i
		p := 0.0
		for j < len(idx) && scores[idx[j]] == scores[idx[i]] {
			if labels[idx[j]] {
				p++
			}
			j++
		}
		q := float64(j-i) - p
		sum += p*(neg) + p*q/2
		pos += p
		neg += q
		i = j
	}
	return sum / (pos * neg)
}

// TestProbe is the workbench.
func TestProbe(t *testing.T) {
	files := os.Getenv("PROBE")
	if files == "" {
		t.Skip()
	}
	for _, f := range strings.Fields(files) {
		ps := readCapture(t, f)
		var labels []bool
		if lf := strings.TrimSuffix(f, ".pcap") + ".csv"; exists(lf) {
			labels = readLabels(t, lf)
		} else if lf := strings.TrimSuffix(f, ".pcap") + "_labeled.csv"; exists(lf) {
			labels = readLabels(t, lf)
		}
		last := map[string]*models.Alert{}
		var order []string
		p, err := NewPipeline(DefaultConfig(), -1, func(a *models.Alert) {
			if last[a.ID] == nil {
				order = append(order, a.ID)
			}
			last[a.ID] = a
		})
		if err != nil {
			t.Fatal(err)
		}
		scores := make([]float64, len(ps))
		above, benign := 0, 0
		var byGroup [features.Groups]int
		firstAttack, found := -1, ""
		for i := range ps {
			s, ok := p.Packet(&ps[i], int64(i))
			scores[i] = s
			if i < len(labels) && labels[i] {
				if firstAttack < 0 {
					firstAttack = i
				}
				if ok && s >= .8 && found == "" {
					found = fmt.Sprintf("after %d packets %.2fs", i-firstAttack, (ps[i].TS - ps[firstAttack].TS).Seconds())
				}
			}
			if i >= len(labels) || !labels[i] {
				benign++
				if ok && s >= .8 {
					above++
					best := 0
					for g := range byGroup {
						if p.tails[g] > p.tails[best] {
							best = g
						}
					}
					byGroup[best]++
				}
			}
		}
		p.Flush()
		st := p.Status()
		fmt.Printf("== %s: %d packets, %d alerts, benign above %.2e %v, learned %d; found %s", f, len(ps), len(order), float64(above)/float64(benign), byGroup, st.Learned, found)
		if len(labels) > 0 && firstAttack >= 0 {
			fmt.Printf(" AUC %.4f", auc(scores[:len(labels)], labels))
		}
		fmt.Println()
		for _, id := range order {
			a := last[id]
			fmt.Printf("  %s %s→%s:%d %s n=%d score=%.3f %s %s %s | %s\n", a.TS, a.SrcIP, a.DstIP, a.DstPort, a.Proto, a.Count, a.Score, a.Kind, a.Scale, a.Severity, a.Summary)
		}
	}
}

func exists(p string) bool { _, err := os.Stat(p); return err == nil }
