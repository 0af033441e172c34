package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/netlyra/netlyra/internal/config"
	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
)

// ledgerCmd prints the ledger of a running core.
type ledgerCmd struct {
	URL            string        `help:"URL of the core (default: from API_HOST and API_PORT)." placeholder:"http://HOST:PORT"`
	Format         string        `help:"Output format." enum:"text,json" default:"text"`
	Wait           time.Duration `help:"Wait at most this long until nothing is in flight, and fail otherwise." placeholder:"DURATION"`
	Watch          bool          `help:"Print the ledger every second until it is out of balance."`
	config.Process `embed:"" group:"Process"`
}

// errUnbalanced is the error of a ledger with a difference.
var errUnbalanced = errors.New("the ledger does not balance")

// Run prints the ledger. A ledger that does not balance is an error.
func (c *ledgerCmd) Run(e *env) error {
	base, err := c.base(e.cfg)
	if err != nil {
		return err
	}
	ctx, cancel := e.ctx, context.CancelFunc(func() {})
	if c.Wait > 0 {
		ctx, cancel = context.WithTimeout(ctx, c.Wait)
	}
	defer cancel()
	for {
		l, raw, err := fetchLedger(e.ctx, base)
		if err != nil {
			return err
		}
		if c.Wait > 0 && !l.AtRest && pause(ctx, 200*time.Millisecond) {
			continue
		}
		if err := c.print(e.stdout, l, raw); err != nil {
			return err
		}
		switch {
		case !l.AddsUp:
			return errUnbalanced
		case c.Wait > 0 && !l.AtRest && e.ctx.Err() == nil:
			return fmt.Errorf("packets are still in flight after %v", c.Wait)
		case !c.Watch || !pause(e.ctx, time.Second):
			return nil
		}
	}
}

// pause waits for d and reports whether ctx has not ended.
func pause(ctx context.Context, d time.Duration) bool {
	select {
	case <-time.After(d):
		return true
	case <-ctx.Done():
		return false
	}
}

// base returns the URL of the core.
func (c *ledgerCmd) base(cfg *config.Config) (*url.URL, error) {
	if c.URL == "" {
		host := cfg.APIHost
		if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
			host = "127.0.0.1"
		}
		return &url.URL{Scheme: "http", Host: net.JoinHostPort(host, strconv.Itoa(cfg.APIPort))}, nil
	}
	u, err := url.Parse(c.URL)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, usagef("--url %s: must be http://HOST:PORT", c.URL)
	}
	return u, nil
}

// fetchLedger requests the ledger from the core at base; raw is the body of the response.
func fetchLedger(ctx context.Context, base *url.URL) (l models.Ledger, raw []byte, err error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	u := base.JoinPath("api/v1/ledger").String()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u, nil)
	if err != nil {
		return l, nil, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return l, nil, fmt.Errorf("no response from a core: %w; start 'netlyra up' or 'netlyra core', or give its URL with --url", err)
	}
	defer resp.Body.Close()
	if raw, err = io.ReadAll(io.LimitReader(resp.Body, 64<<20)); err != nil {
		return l, nil, fmt.Errorf("%s: %w", u, err)
	}
	if resp.StatusCode != http.StatusOK {
		return l, nil, fmt.Errorf("%s: status %s: %.300s", u, resp.Status, raw)
	}
	if err = json.Unmarshal(raw, &l); err != nil {
		return l, nil, fmt.Errorf("%s: not a NetLyra API: %w", u, err)
	}
	return l, raw, nil
}

// print writes the ledger in the requested format.
func (c *ledgerCmd) print(w io.Writer, l models.Ledger, raw []byte) error {
	if c.Format == "json" {
		_, err := fmt.Fprintf(w, "%s\n", raw)
		return err
	}
	return printLedger(w, &l)
}

// printLedger prints the ledger for people: a line per equation, then the terms of
// equations with more than two.
func printLedger(out io.Writer, l *models.Ledger) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "IN\tOUT\tIN FLIGHT\tDIFFERENCE\t  EQUATION")
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
	verdict := "Balanced"
	if !l.AddsUp {
		verdict = "NOT BALANCED"
	}
	state := "with packets in flight"
	if l.AtRest {
		state = "with nothing in flight"
	}
	_, err := fmt.Fprintf(out, "%s, %s; counting since %s.\n", verdict, state, l.Since)
	return err
}

// display returns the name of a code in the middle of a line.
func display(entries []vocabulary.Entry, code string) string {
	return strings.ToLower(vocabulary.Name(entries, code))
}

// printParts prints the terms of an equation that need an explanation.
func printParts(out io.Writer, c *models.LedgerCheck) {
	if c.Why != "" {
		fmt.Fprintf(out, "%s: %s\n", c.Name, c.Why)
	}
	if c.Remainder != "" {
		fmt.Fprintf(out, "%s: %d %s\n", c.Name, -c.InFlight, display(vocabulary.LedgerRemainders, c.Remainder))
	}
	for _, t := range slices.Concat(c.In[1:], c.Out[min(1, len(c.Out)):]) {
		if t.N == 0 {
			continue
		}
		var by []string
		for _, reason := range slices.Sorted(maps.Keys(t.By)) {
			by = append(by, fmt.Sprintf("%s %d", reason, t.By[reason]))
		}
		line := fmt.Sprintf("%s: %d %s", c.Name, t.N, display(vocabulary.LedgerTerms, t.Name))
		if len(by) > 0 {
			line += " (" + strings.Join(by, ", ") + ")"
		}
		fmt.Fprintln(out, line)
	}
}

// printLanes prints the packet counts of each lane.
func printLanes(out io.Writer, l *models.Ledger) {
	for _, p := range l.Lanes {
		fmt.Fprintf(out, "lane %d: %d packets = %d scored (%d anomalous, %d typical) + %d in warm-up; %d held for ordering, %d duplicates, %d missing, %d unreadable records, lag %d records\n",
			p.Lane, p.Packets, p.Scored, p.Alerted, p.Passed, p.Cold, p.Held, p.Duplicates, p.Missing, p.Unreadable, p.Lag)
	}
}

func sum(terms []models.LedgerTerm) (n uint64) {
	for _, t := range terms {
		n += t.N
	}
	return n
}
