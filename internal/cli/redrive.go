package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/netlyra/netlyra/internal/app"
	"github.com/netlyra/netlyra/internal/bus/deadletter"
	"github.com/netlyra/netlyra/internal/config"
)

// redriveCmd puts dead letters back.
type redriveCmd struct {
	From           string `help:"Topic of the dead letters." default:"dead-letters" placeholder:"TOPIC"`
	Reason         string `help:"Only those whose reason has this in it; the others wait for another call." placeholder:"TEXT"`
	Topic          string `help:"Only those that came from this topic: packets, alerts, connections or a full name." placeholder:"TOPIC"`
	Limit          int    `help:"Put back at most so many." placeholder:"N"`
	Times          int    `help:"Give up records that were put back so often and failed again." default:"3" placeholder:"N"`
	All            bool   `help:"From the beginning, not from where the last call ended: what was put back before goes back again."`
	DryRun         bool   `help:"Only say what would be done."`
	ToNow          bool   `help:"End where the dead letters end at the start; --no-to-now goes on with those that come, until an interrupt." default:"true" negatable:""`
	Format         string `help:"Form of the summary." enum:"text,json" default:"text"`
	DataDir        string `key:"DATA_DIR" default:"data" help:"Directory of the embedded broker's log."`
	config.Kafka   `embed:"" group:"Kafka"`
	config.Process `embed:"" group:"Process"`
}

// Run redrives and says what became of each.
func (c *redriveCmd) Run(e *env) error {
	if c.Limit < 0 || c.Times < 1 {
		return usagef("--limit wants 0 or more, --times 1 or more")
	}
	if c.DryRun && !c.ToNow {
		return usagef("--dry-run with --no-to-now would say the same again and again: take one of them")
	}
	counts, err := app.Redrive(e.ctx, e.cfg, deadletter.Config{
		From: c.From, Reason: c.Reason, Topic: c.Topic, Limit: c.Limit, MaxTimes: c.Times, All: c.All, DryRun: c.DryRun,
	}, !c.ToNow, e.log)
	if err != nil && len(counts) == 0 {
		return err
	}
	return errors.Join(err, c.print(e.stdout, counts))
}

func (c *redriveCmd) print(out io.Writer, counts []deadletter.Count) error {
	if c.Format == "json" {
		enc := json.NewEncoder(out)
		enc.SetIndent("", "  ")
		if counts == nil {
			counts = []deadletter.Count{}
		}
		return enc.Encode(counts)
	}
	if len(counts) == 0 {
		_, err := fmt.Fprintln(out, "no dead letters since the last redrive (--all begins anew)")
		return err
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "RECORDS\tRESULT\tTOPIC")
	for _, n := range counts {
		fmt.Fprintf(w, "%d\t%s\t%s\n", n.Records, n.Result, text(n.Topic))
	}
	return w.Flush()
}
