package faults_test

import (
	"flag"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	_ "github.com/mattn/go-sqlite3"

	"github.com/netlyra/netlyra/internal/cli"
	"github.com/netlyra/netlyra/internal/faults"
)

// Each flag has a default from the environment, so that `go tool task test` can be
// configured too.
var (
	runs       = flag.Int("runs", number("FAULT_RUNS", 1), "multiplier for the number of faults")
	partitions = flag.Int("partitions", number("FAULT_PARTITIONS", 1), "partitions of the packets topic")
	engines    = flag.Int("engines", number("FAULT_ENGINES", 1), "default number of engines")
	seed       = flag.Int("seed", number("FAULT_SEED", 0), "seed of the times of faults; 0 selects a random seed")
	session    = flag.Duration("session", time.Second, "KAFKA_SESSION_TIMEOUT of every process")
	encoding   = flag.String("encoding", "json", "PACKETS_ENCODING of every process")
	sockets    = flag.Int("sockets", number("FAULT_SOCKETS", 100), "WebSocket clients of TestManyClients")
	pollers    = flag.Int("pollers", number("FAULT_POLLERS", 50), "HTTP clients of TestManyClients")
	pollEvery  = flag.Duration("poll-every", time.Second, "interval between requests of an HTTP client")
	clientsFor = flag.Duration("clients-for", 3*time.Second, "how long TestManyClients sends alerts")
	tuples     = flag.Int("tuples", number("FAULT_TUPLES", 50_000), "connections of the flood")
)

func number(key string, otherwise int) int {
	if n, err := strconv.Atoi(os.Getenv(key)); err == nil {
		return n
	}
	return otherwise
}

func TestMain(m *testing.M) {
	faults.Main(cli.Main)
	_ = flag.Set("test.parallel", "4") // tests mostly wait for sessions and locks
	flag.Parse()
	code := m.Run()
	if shared.dir != "" {
		_ = os.RemoveAll(shared.dir)
	}
	os.Exit(code)
}

// shared is the capture that most tests replay.
var shared struct {
	sync.Once
	dir string
	ref faults.Reference
}

const sharedLength = 40 * time.Second // event time; contains the scan and the flood of the demo

// office returns the shared capture with its reference.
func office(t *testing.T) faults.Reference {
	t.Helper()
	shared.Do(func() {
		var err error
		if shared.dir, err = os.MkdirTemp("", "netlyra-faults-"); err != nil { //nolint:usetesting // it outlives the test that makes it
			t.Fatal(err)
		}
		shared.ref = faults.Generate(t, shared.dir, 1, sharedLength)
	})
	if shared.ref.Packets == 0 {
		t.Fatal("the capture was not created; see the first failure")
	}
	return shared.ref
}

// config returns the configuration from the flags.
func config() faults.Config {
	return faults.Config{Partitions: *partitions, Engines: *engines, Session: *session, Encoding: *encoding}
}

// rate returns the rate, in packets per second, with which a replay of ref takes d.
func rate(ref faults.Reference, d time.Duration) int {
	return int(float64(ref.Packets) / d.Seconds())
}
