package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"runtime/debug"

	"github.com/alecthomas/kong"

	"github.com/netlyra/netlyra/internal/config"
	"github.com/netlyra/netlyra/internal/obs"
)

// Exit codes.
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2
)

// commands is the command line. Each command embeds the groups of settings that it
// uses, so that its help shows these and no others.
type commands struct {
	Up       upCmd       `cmd:"" help:"Run everything in one process: capture, engine, store, API and page."`
	Core     coreCmd     `cmd:"" help:"Run the core: capture (if any), recorder, API and page."`
	Engine   engineCmd   `cmd:"" help:"Run an engine: score the packets topic, publish alerts."`
	Probe    probeCmd    `cmd:"" help:"Capture to the topics only, for a remote sensor."`
	Replay   replayCmd   `cmd:"" help:"Send capture files to the packets topic at their own pace."`
	Broker   brokerCmd   `cmd:"" help:"Run the embedded broker alone, for several processes on one machine."`
	Analyze  analyzeCmd  `cmd:"" help:"Look into capture files: connections, alerts, scores; no broker."`
	Tail     tailCmd     `cmd:"" help:"Print a topic as it grows."`
	Redrive  redriveCmd  `cmd:"" help:"Put records that could not be read back to the topics that they came from."`
	Doctor   doctorCmd   `cmd:"" help:"Look at configuration, host, brokers, topics and groups, and say what to do."`
	Gen      genCmd      `cmd:"" help:"Write the demo's traffic to a capture and a file of labels."`
	Bench    benchCmd    `cmd:"" help:"Measure the pipeline on this machine."`
	Eval     evalCmd     `cmd:"" help:"Measure detection against labels."`
	Backtest backtestCmd `cmd:"" help:"Run the engine over the past, with other settings, and print which alerts that changes."`
	Explain  explainCmd  `cmd:"" help:"Print why an alert was raised, and what would have kept it from being."`
	Ledger   ledgerCmd   `cmd:"" help:"Say whether everything that came in is accounted for; exit code 1 where not."`
	Config   configCmd   `cmd:"" help:"Print each setting with its value and where that came from."`
	Version  versionCmd  `cmd:"" help:"Print the version."`
}

// env is what a command runs with.
type env struct {
	ctx     context.Context
	cfg     *config.Config
	origins *config.Origins
	log     *slog.Logger
	stdin   io.Reader
	stdout  io.Writer
	stderr  io.Writer
}

// usageError is a command line that parses but makes no sense.
type usageError struct{ error }

// usagef makes a usageError.
func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// service is a command that runs until it is told to stop: to be stopped in good order
// is success.
type service interface{ isService() bool }

// Main runs the program and returns its exit code. SIGINT and SIGTERM end it within
// three seconds, a second one at once; then Main does not return.
func Main(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	ctx, signals := catchInterrupts(stderr)
	defer signals.stop()
	served, err := run(ctx, args, stdin, stdout, stderr)
	if ctx.Err() == nil {
		return exitCode(err, stderr)
	}
	return interruptedCode(served, err, signals.code(), stderr)
}

// interruptedCode is the exit code after a signal: 0 of a service that has stopped in
// good order, else the signal's.
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

// exitCode says on standard error what went wrong, and gives the code for it.
func exitCode(err error, stderr io.Writer) int {
	var parse *kong.ParseError
	var bad *config.Error
	var usage usageError
	if err == nil {
		return exitDone
	}
	fmt.Fprintf(stderr, "netlyra: %v\n", err)
	if errors.As(err, &parse) || errors.As(err, &bad) || errors.As(err, &usage) {
		fmt.Fprintln(stderr, "Run 'netlyra --help', or 'netlyra COMMAND --help', for what can be said.")
		return exitUsage
	}
	return exitFailed
}

// errHelp ends a run that has printed its help.
var errHelp = errors.New("help was asked for")

// run parses the command line and runs the command. served says that the command is one
// that runs until it is told to stop.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) (served bool, err error) {
	loader := config.NewLoader(config.System())
	var cmds commands
	parser, err := kong.New(&cmds, append(loader.Options(),
		kong.Name("netlyra"),
		kong.Description("Watches packets and tells, within milliseconds and with reasons, which traffic is unlike the rest."),
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
		log.Warn(w)
	}
	limitMemory(cfg)
	if s, ok := kctx.Selected().Target.Addr().Interface().(service); ok {
		served = s.isService()
	}
	return served, kctx.Run(&env{ctx: ctx, cfg: cfg, origins: origins, log: log, stdin: stdin, stdout: stdout, stderr: stderr})
}

// limitMemory sets how the garbage collector trades memory for time: rare
// collections keep the latency low, the limit keeps the process small.
func limitMemory(cfg *config.Config) {
	debug.SetGCPercent(int(cfg.GOGC))
	if cfg.MemoryLimit > 0 {
		debug.SetMemoryLimit(int64(cfg.MemoryLimit))
	} else {
		debug.SetMemoryLimit(math.MaxInt64)
	}
}
