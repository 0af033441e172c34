package cli

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/netlyra/netlyra/internal/models"
)

// printLedger is the ledger for a person: a line for each equation, then what it is
// made of where that is more than two figures.
func printLedger(out io.Writer, l *models.Ledger) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "WENT IN\tCAME OUT\tIN FLIGHT\tDIFFERENCE\t  EQUATION")
	for i := range l.Checks {
		c := &l.Checks[i]
		fmt.Fprintf(w, "%d\t%d\t%d\t%d\t  %s\n", sum(c.In), sum(c.Out), c.InFlight, c.Difference, c.Name+": "+c.Says)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	for i := range l.Checks {
		printParts(out, &l.Checks[i])
	}
	printLanes(out, l)
	for _, n := range l.Notes {
		fmt.Fprintf(out, "note: %s\n", n)
	}
	verdict := "It adds up"
	if !l.AddsUp {
		verdict = "IT DOES NOT ADD UP"
	}
	state := "while things move"
	if l.AtRest {
		state = "and everything is at rest"
	}
	_, err := fmt.Fprintf(out, "%s, %s; counted since %s.\n", verdict, state, l.Since)
	return err
}

// printParts says what an equation is made of where somebody might ask.
func printParts(out io.Writer, c *models.LedgerCheck) {
	if c.Why != "" {
		fmt.Fprintf(out, "%s: %s\n", c.Name, c.Why)
	}
	if c.Remainder != "" {
		fmt.Fprintf(out, "%s: %d %s\n", c.Name, -c.InFlight, c.Remainder)
	}
	for _, t := range slices.Concat(c.In[1:], c.Out[min(1, len(c.Out)):]) {
		if t.N == 0 {
			continue
		}
		var by []string
		for _, reason := range slices.Sorted(maps.Keys(t.By)) {
			by = append(by, fmt.Sprintf("%s %d", reason, t.By[reason]))
		}
		line := fmt.Sprintf("%s: %d %s", c.Name, t.N, t.Name)
		if len(by) > 0 {
			line += " (" + strings.Join(by, ", ") + ")"
		}
		fmt.Fprintln(out, line)
	}
}

// printLanes is what became of packets in each lane of the engine.
func printLanes(out io.Writer, l *models.Ledger) {
	for _, p := range l.Lanes {
		fmt.Fprintf(out, "lane %d: %d packets = %d scored (%d part of an alert, %d passed) + %d of the warm-up; %d held, %d duplicates, %d missing, %d unreadable records, %d records behind\n",
			p.Lane, p.Packets, p.Scored, p.Alerted, p.Passed, p.Cold, p.Held, p.Duplicates, p.Missing, p.Unreadable, p.Lag)
	}
}

func sum(terms []models.LedgerTerm) (n uint64) {
	for _, t := range terms {
		n += t.N
	}
	return n
}
