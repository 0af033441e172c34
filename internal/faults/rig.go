package faults

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/netlyra/netlyra/internal/models"
)

// Config of a Rig. The zero value of each field means what its comment says.
type Config struct {
	Partitions int               // of the packets topic; 1
	Engines    int               // that New starts; none
	Encoding   string            // of packets: json
	Session    time.Duration     // after which a silent member counts as dead; 2 s
	Env        map[string]string // more settings of every process
	Address    string            // where the broker listens; a free port of loopback
	BrokerDir  string            // a temporary directory
	Listen     string            // host that the broker listens on, where that is another than clients are told
	DBDir      string            // a temporary directory
	MemoryCap  uint64            // bytes that no process may exceed; 512 MiB
}

// Rig is a NetLyra of several processes: a broker, a core, and as many engines as the
// test starts. Methods belong to the goroutine of the test.
type Rig struct {
	T       testing.TB
	Config  Config
	Address string // of the broker
	DB      string
	Broker  *Process
	Core    *Process
	Engines []*Process // all that were ever started
	port    string

	mu  sync.Mutex
	all []*Process
}

// New starts a broker, a core and cfg.Engines engines.
func New(t testing.TB, cfg Config) *Rig {
	t.Helper()
	r := newRig(t, cfg)
	if r.Address = cfg.Address; r.Address == "" {
		r.Address = "127.0.0.1:" + FreePort(t)
	}
	r.StartBroker()
	r.StartCore()
	for range cfg.Engines {
		r.StartEngine(r.Address)
	}
	return r
}

// AllInOne is a NetLyra of one process, which StartUp starts.
func AllInOne(t testing.TB, cfg Config) *Rig {
	t.Helper()
	return newRig(t, cfg)
}

// newRig has no process yet.
func newRig(t testing.TB, cfg Config) *Rig {
	t.Helper()
	cfg.Partitions, cfg.MemoryCap = max(cfg.Partitions, 1), max(cfg.MemoryCap, 512<<20)
	if cfg.Session == 0 {
		cfg.Session = 2 * time.Second
	}
	if cfg.Encoding == "" {
		cfg.Encoding = "json"
	}
	if cfg.BrokerDir == "" {
		cfg.BrokerDir = t.TempDir()
	}
	if cfg.DBDir == "" {
		cfg.DBDir = t.TempDir()
	}
	return &Rig{T: t, Config: cfg, DB: filepath.Join(cfg.DBDir, "netlyra.db"), port: FreePort(t)}
}

// env is the settings of a process that reaches the broker at address.
func (r *Rig) env(address string) map[string]string {
	e := map[string]string{
		"KAFKA_BROKERS": address, "DATA_DIR": r.Config.BrokerDir, "API_PORT": r.port, "WS_PORT": "0", "DB_PATH": r.DB, "CHECKPOINT_EVERY": "500ms",
		"KAFKA_SESSION_TIMEOUT": r.Config.Session.String(), "PACKETS_PARTITIONS": strconv.Itoa(r.Config.Partitions),
		"PACKETS_ENCODING": r.Config.Encoding,
	}
	maps.Copy(e, r.Config.Env)
	return e
}

// Start runs one more process of this NetLyra, with the broker at address.
func (r *Rig) Start(address string, in io.Reader, args ...string) *Process {
	r.T.Helper()
	p := StartReading(r.T, in, r.env(address), args...)
	r.mu.Lock()
	r.all = append(r.all, p)
	r.mu.Unlock()
	return p
}

// StartBroker starts the broker at its address, on what is in its directory.
func (r *Rig) StartBroker() {
	r.T.Helper()
	listen := r.Address
	if r.Config.Listen != "" {
		_, port, _ := net.SplitHostPort(r.Address)
		listen = net.JoinHostPort(r.Config.Listen, port)
	}
	r.Broker = r.Start("", nil, "broker", "--listen", listen, "--advertise", r.Address, "--data-dir", r.Config.BrokerDir)
	r.Broker.Says(20*time.Second, "listening on")
}

// StartUp runs everything in one process, which replays a capture.
func (r *Rig) StartUp(capture string, speed float64) *Process {
	r.T.Helper()
	return r.Start("", nil, "up", "--replay", capture, "--speed", strconv.FormatFloat(speed, 'f', 3, 64))
}

// StartCore starts the core at its port, and waits until it answers.
func (r *Rig) StartCore() { r.T.Helper(); r.StartCoreAt(r.Address) }

// StartCoreAt is StartCore with the broker at address.
func (r *Rig) StartCoreAt(address string) {
	r.T.Helper()
	r.Core = r.Start(address, nil, "core")
	Eventually(r.T, 30*time.Second, "the core's API", func() bool { _, err := r.Stats(); return err == nil })
}

// StartEngine starts an engine with the broker at address.
func (r *Rig) StartEngine(address string) *Process {
	r.T.Helper()
	p := r.Start(address, nil, "engine")
	r.Engines = append(r.Engines, p)
	return p
}

// Replay sends a capture with rate packets a second, 0 for as fast as possible.
func (r *Rig) Replay(capture string, rate int) *Process {
	r.T.Helper()
	return r.ReplayAt(r.Address, nil, capture, rate)
}

// ReplayAt is Replay with the broker at address; a capture named - is read from in.
func (r *Rig) ReplayAt(address string, in io.Reader, capture string, rate int) *Process {
	r.T.Helper()
	pace := []string{"--speed", "max"}
	if rate > 0 {
		pace = []string{"--rate", strconv.Itoa(rate)}
	}
	return r.Start(address, in, append([]string{"replay", capture}, pace...)...)
}

var client = http.Client{Timeout: 5 * time.Second}

// Get decodes the answer of a path of the core's API into v.
func (r *Rig) Get(path string, v any) error {
	resp, err := client.Get("http://127.0.0.1:" + r.port + "/api/v1/" + path)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		return errors.Join(err, fmt.Errorf("%s: %s: %s", path, resp.Status, body))
	}
	return json.Unmarshal(body, v)
}

// API is the address of the core's API.
func (r *Rig) API() string { return "127.0.0.1:" + r.port }

// Stats is the core's answer.
func (r *Rig) Stats() (s models.Stats, err error) { return s, r.Get("stats", &s) }

// Health is the core's answer, whether it is well or not.
func (r *Rig) Health() (text string) {
	resp, err := client.Get("http://127.0.0.1:" + r.port + "/api/v1/health")
	if err != nil {
		return err.Error()
	}
	defer resp.Body.Close()
	b, _ := io.ReadAll(resp.Body)
	return string(b)
}

// Taken returns the number of packets that the models have processed, each counted
// once despite engine crashes.
func (r *Rig) Taken() (n uint64) {
	s, _ := r.Stats()
	for _, p := range s.Partitions {
		n += TakenBy(&p)
	}
	return n
}

// warmup is the default of WARMUP_PACKETS.
const warmup = 50

// TakenBy returns the number of packets that one model has processed, derived from the scored
// ones until the model reports it.
func TakenBy(p *models.PartitionStatus) uint64 {
	if p.Packets == 0 && p.Scored > 0 {
		return p.Scored + warmup
	}
	return p.Packets
}

// WaitTaken waits until the models have processed n packets.
func (r *Rig) WaitTaken(n uint64) {
	r.T.Helper()
	Eventually(r.T, time.Minute, fmt.Sprintf("%d packets scored", n), func() bool { return r.Taken() >= n })
}

// FreePort returns a port that is currently free.
func FreePort(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return port
}

// SoloBroker runs the embedded broker as a separate process and returns its address.
func SoloBroker(t testing.TB) (address string) {
	t.Helper()
	_, address = SoloBrokerProcess(t)
	return address
}

// SoloBrokerProcess is SoloBroker with its process.
func SoloBrokerProcess(t testing.TB) (p *Process, address string) {
	t.Helper()
	p = Start(t, nil, "broker", "--listen", "127.0.0.1:0", "--data-dir", t.TempDir())
	line := regexp.MustCompile(`listening on (\S+);`)
	Eventually(t, 20*time.Second, "the broker's address", func() bool {
		if m := line.FindStringSubmatch(p.Stdout.String()); m != nil {
			address = m[1]
		}
		return address != ""
	})
	return p, address
}

// Processes is every process that was started, those that ended too.
func (r *Rig) Processes() []*Process {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]*Process(nil), r.all...)
}

// Panicked are the outputs of processes that ended by a panic of Go.
func (r *Rig) Panicked() (texts []string) {
	for _, p := range r.Processes() {
		if text := p.Stderr.String(); strings.Contains(text, "\ngoroutine ") || strings.Contains(text, "panic:") {
			texts = append(texts, p.Name+": "+tail(text, 4000))
		}
	}
	return texts
}
