package config_test

import (
	"fmt"

	"github.com/alecthomas/kong"

	"github.com/netlyra/netlyra/internal/config"
)

// A command embeds Config, or the groups whose flags it accepts. The Config from the
// Loader is always complete.
func Example() {
	var cli struct {
		Core struct {
			config.Config `embed:""`
		} `cmd:"" help:"Record alerts and serve the API."`
		Tail struct {
			config.Kafka `embed:"" group:"Kafka"`
			Filter       string `help:"Expression."`
			Topic        string `arg:""`
		} `cmd:"" help:"Print a topic."`
	}
	loader := config.NewLoader(config.Sources{ // config.System() in the program
		LookupEnv: func(k string) (string, bool) { return "9001", k == "WS_PORT" },
	})
	parser, err := kong.New(&cli, loader.Options()...)
	if err != nil {
		panic(err)
	}
	kctx, err := parser.Parse([]string{"tail", "alerts", "--kafka-brokers", "a:9092,b:9092", "--filter", "x"})
	if err != nil {
		panic(err) // invalid usage: exit code 2
	}
	cfg, origins, err := loader.Config(kctx)
	if err != nil {
		panic(err) // lists every problem: exit code 2
	}
	fmt.Println(kctx.Command(), cfg.KafkaBrokers, cfg.WSPort, cfg.ConnTCPTimeout)
	for _, name := range []string{"KAFKA_BROKERS", "WS_PORT", "API_PORT"} {
		s := origins.Of(name)
		fmt.Println(s.Name, s.Value, s.Origin)
	}
	// Output:
	// tail <topic> [a:9092 b:9092] 9001 5m0s
	// KAFKA_BROKERS a:9092,b:9092 flag
	// WS_PORT 9001 environment
	// API_PORT 8090 default
}
