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

// Each flag has its value from the environment, so that `go tool task test` can be
// told, too.
var (
	runs       = flag.Int("runs", number("FAULT_RUNS", 1), "multiplies how often each fault strikes")
	partitions = flag.Int("partitions", number("FAULT_PARTITIONS", 1), "partitions of the packets topic")
	engines    = flag.Int("engines", number("FAULT_ENGINES", 1), "engines where a test does not say how many")
	seed       = flag.Int("seed", number("FAULT_SEED", 0), "of the moments at which faults strike; 0 is another one each time")
	session    = flag.Duration("session", time.Second, "KAFKA_SESSION_TIMEOUT of every process")
	encoding   = flag.String("encoding", "json", "PACKETS_ENCODING of every process")
	sockets    = flag.Int("sockets", number("FAULT_SOCKETS", 100), "WebSocket clients of TestManyClients")
	pollers    = flag.Int("pollers", number("FAULT_POLLERS", 50), "HTTP clients of TestManyClients")
	pollEvery  = flag.Duration("poll-every", time.Second, "from one request of an HTTP client to the next")
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
	_ = flag.Set("test.parallel", "4") // tests mostly wait: for sessions to end, for locks
	flag.Parse()
	code := m.Run()
	if shared.dir != "" {
		_ = os.RemoveAll(shared.dir)
	}
	os.Exit(code)
}

// shared is the capture that most tests replay: some seconds of packets.
var shared struct {
	sync.Once
	dir string
	ref faults.Reference
}

const sharedLength = 40 * time.Second // of event time; the scan and the flood of the demo are in it

// office is the shared capture with its reference.
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
		t.Fatal("the capture could not be made; see the first failure")
	}
	return shared.ref
}

// config is what the flags say.
func config() faults.Config {
	return faults.Config{Partitions: *partitions, Engines: *engines, Session: *session, Encoding: *encoding}
}

// rate is how many packets a second make a replay of ref last for d.
func rate(ref faults.Reference, d time.Duration) int {
	return int(float64(ref.Packets) / d.Seconds())
}
