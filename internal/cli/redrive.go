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
	"github.com/netlyra/netlyra/internal/models/vocabulary"
)

// redriveCmd publishes dead letters again.
type redriveCmd struct {
	From           string `help:"Topic of the dead letters." default:"dead-letters" placeholder:"TOPIC"`
	Reason         string `help:"Only dead letters whose reason contains this text; the others stay for a later run." placeholder:"TEXT"`
	Topic          string `help:"Only dead letters from this topic: packets, alerts, connections or a full name." placeholder:"TOPIC"`
	Limit          int    `help:"Redrive at most this many." placeholder:"N"`
	Times          int    `help:"Abandon records that failed again after this many redrives." default:"3" placeholder:"N"`
	All            bool   `help:"Start at the beginning instead of where the last run ended; redrives records again."`
	DryRun         bool   `help:"Only print what would be done."`
	ToNow          bool   `help:"Stop at the current end of the topic; --no-to-now continues with new dead letters until a signal." default:"true" negatable:""`
	Format         string `help:"Output format of the summary." enum:"text,json" default:"text"`
	DataDir        string `key:"DATA_DIR" default:"data" help:"Directory of the embedded broker's log."`
	config.Kafka   `embed:"" group:"Kafka"`
	config.Process `embed:"" group:"Process"`
}

// Run redrives and prints the counts by result.
func (c *redriveCmd) Run(e *env) error {
	if c.Limit < 0 || c.Times < 1 {
		return usagef("--limit must be 0 or more, --times 1 or more")
	}
	if c.DryRun && !c.ToNow {
		return usagef("--dry-run and --no-to-now exclude each other")
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
		_, err := fmt.Fprintln(out, "no dead letters since the last redrive (--all starts at the beginning)")
		return err
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "RECORDS\tRESULT\tTOPIC")
	for _, n := range counts {
		fmt.Fprintf(w, "%d\t%s\t%s\n", n.Records, vocabulary.NameOf(vocabulary.RedriveResults, n.Result), text(n.Topic))
	}
	return w.Flush()
}
