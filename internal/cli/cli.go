package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"runtime/debug"
	"slices"

	"github.com/alecthomas/kong"

	"github.com/netlyra/netlyra/internal/config"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
	"github.com/netlyra/netlyra/internal/obs"
	"github.com/netlyra/netlyra/internal/settings"
)

// Exit codes.
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2
)

// commands is the command line. Each command embeds the groups of settings that it uses, so
// that its help shows only these.
type commands struct {
	Up       upCmd       `cmd:"" help:"Run everything in one process: capture, engine, database, API and dashboard."`
	Core     coreCmd     `cmd:"" help:"Run the core: capture (optional), recorder, API and dashboard."`
	Engine   engineCmd   `cmd:"" help:"Run an engine: score packets from the packets topic and publish alerts."`
	Probe    probeCmd    `cmd:"" help:"Run a remote sensor: capture and publish packets and connections."`
	Replay   replayCmd   `cmd:"" help:"Publish capture files to the packets topic at their recorded pace."`
	Broker   brokerCmd   `cmd:"" help:"Run only the embedded broker, for several processes on one machine."`
	Analyze  analyzeCmd  `cmd:"" help:"Analyze capture files offline: connections, alerts, scores; needs no broker."`
	Tail     tailCmd     `cmd:"" help:"Print the records of a topic as they arrive."`
	Redrive  redriveCmd  `cmd:"" help:"Publish dead letters to their original topics again."`
	Doctor   doctorCmd   `cmd:"" help:"Check configuration, host, brokers, topics and consumer groups, and advise."`
	Gen      genCmd      `cmd:"" help:"Write the demo traffic to a capture file, with a file of labels."`
	Bench    benchCmd    `cmd:"" help:"Measure the performance of the pipeline on this machine."`
	Eval     evalCmd     `cmd:"" help:"Measure the quality of detection with labeled data."`
	Backtest backtestCmd `cmd:"" help:"Replay past packets with other settings and print which alerts change."`
	Prior    priorCmd    `cmd:"" help:"Make a reference of behaviors from your own captures, print it, or compare two."`
	Explain  explainCmd  `cmd:"" help:"Print why an alert was raised and what would have prevented it."`
	Ledger   ledgerCmd   `cmd:"" help:"Check that every packet is accounted for; exit code 1 if not."`
	Config   configCmd   `cmd:"" help:"Print each setting with its value and the source of the value."`
	Version  versionCmd  `cmd:"" help:"Print the version."`
}

// env is the environment of a command.
type env struct {
	ctx     context.Context
	cfg     *config.Config
	origins *config.Origins
	log     *slog.Logger
	stdin   io.Reader
	stdout  io.Writer
	stderr  io.Writer
}

// usageError is an error in a command line that parses.
type usageError struct{ error }

// usagef returns a usageError.
func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// service is a command that runs until a signal: a graceful stop is success.
type service interface{ isService() bool }

// Main runs the program and returns its exit code. SIGINT and SIGTERM end it within three
// seconds, a second signal immediately; in that case Main does not return.
func Main(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	ctx, signals := catchInterrupts(stderr)
	defer signals.stop()
	served, err := run(ctx, args, stdin, stdout, stderr)
	if ctx.Err() == nil {
		return exitCode(err, stderr)
	}
	return interruptedCode(served, err, signals.code(), stderr)
}

// interruptedCode returns the exit code after a signal: 0 for a service that stopped
// gracefully, else the signal's.
func interruptedCode(served bool, err error, code int, stderr io.Writer) int {
	if err == nil || errors.Is(err, context.Canceled) {
		if served {
			return exitDone
		}
		return code
	}
	fmt.Fprintf(stderr, "netlyra: %v\n", err)
	return code
}

// exitCode prints err to standard error and returns its exit code.
func exitCode(err error, stderr io.Writer) int {
	var parse *kong.ParseError
	var bad *config.Error
	var usage usageError
	if err == nil {
		return exitDone
	}
	fmt.Fprintf(stderr, "netlyra: %v\n", err)
	if errors.As(err, &parse) || errors.As(err, &bad) || errors.As(err, &usage) {
		fmt.Fprintln(stderr, "Run 'netlyra --help' or 'netlyra COMMAND --help' for usage.")
		return exitUsage
	}
	return exitFailed
}

// errHelp ends a run that has printed help.
var errHelp = errors.New("help requested")

// run parses the command line and runs the command. served is true for a service.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) (served bool, err error) {
	loader := config.NewLoader(config.System())
	var cmds commands
	parser, err := kong.New(&cmds, append(loader.Options(),
		kong.Name("netlyra"),
		kong.Description("Detects anomalous network traffic within milliseconds and explains each alert."),
		kong.Writers(stdout, stderr),
		kong.UsageOnError(),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, NoExpandSubcommands: true}),
		kong.Exit(func(int) { panic(errHelp) }),
	)...)
	if err != nil {
		return false, err
	}
	defer func() {
		if r := recover(); r == errHelp {
			err = nil
		} else if r != nil {
			panic(r)
		}
	}()
	if len(args) == 0 {
		args = []string{"--help"}
	}
	kctx, err := parser.Parse(args)
	if err != nil {
		return false, err
	}
	cfg, origins, err := loader.Config(kctx)
	if err != nil && kctx.Command() == "doctor" {
		return false, cmds.Doctor.misconfigured(stdout, err)
	}
	if err != nil {
		return false, err
	}
	log, err := obs.NewLogger(cfg.LogFormat, cfg.LogLevel, stderr)
	if err != nil {
		return false, err
	}
	slog.SetDefault(log)
	for _, w := range origins.Warnings {
		log.Warn("configuration has a setting without effect", vocabulary.EventConfigWarning.Attr(), "warning", w)
	}
	if err := checkPrior(kctx, cfg, log); err != nil {
		if kctx.Command() == "doctor" {
			return false, cmds.Doctor.misconfigured(stdout, err)
		}
		return false, err
	}
	limitMemory(cfg)
	if s, ok := kctx.Selected().Target.Addr().Interface().(service); ok {
		served = s.isService()
	}
	return served, kctx.Run(&env{ctx: ctx, cfg: cfg, origins: origins, log: log, stdin: stdin, stdout: stdout, stderr: stderr})
}

// checkPrior reads PRIOR_FILE for a command that uses it, before the command connects to
// anything: the error names the file, and ignored behaviors are logged once.
func checkPrior(kctx *kong.Context, cfg *config.Config, log *slog.Logger) error {
	uses := false
	for _, group := range kctx.Selected().AllFlags(true) {
		uses = uses || slices.ContainsFunc(group, func(f *kong.Flag) bool { return f.Name == "prior-file" })
	}
	if !uses {
		return nil
	}
	_, unknown, err := settings.Reference(cfg)
	if len(unknown) > 0 {
		log.Warn(unknownBehaviors, vocabulary.EventPriorUnknown.Attr(), "file", cfg.PriorFile, "ignored", unknown)
	}
	return err
}

// limitMemory sets GOGC and the memory limit: rare collections keep latency low, the limit
// bounds the size of the process.
func limitMemory(cfg *config.Config) {
	debug.SetGCPercent(int(cfg.GOGC))
	if cfg.MemoryLimit > 0 {
		debug.SetMemoryLimit(int64(cfg.MemoryLimit))
	} else {
		debug.SetMemoryLimit(math.MaxInt64)
	}
}
