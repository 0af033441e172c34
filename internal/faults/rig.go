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
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/netlyra/netlyra/internal/models"
)

// Config configures a Rig. Comments give the meaning of zero values, after a semicolon.
type Config struct {
	Partitions int               // of the packets topic; default 1
	Engines    int               // that New starts; default none
	Encoding   string            // of packets; default json
	Session    time.Duration     // session timeout of the consumer groups; default 2 s
	Env        map[string]string // additional settings of every process
	Address    string            // of the broker; default a free port of loopback
	BrokerDir  string            // data directory of the broker; default a temporary directory
	Listen     string            // host that the broker listens on, if it differs from the advertised one
	DBDir      string            // directory of the database; default a temporary directory
	MemoryCap  uint64            // limit of the memory of each process in bytes; default 512 MiB
}

// Rig is a NetLyra of several processes: a broker, a core, and the engines that the test
// starts. Methods must be called from the goroutine of the test.
type Rig struct {
	T       testing.TB
	Config  Config
	Address string // of the broker
	DB      string
	Broker  *Process
	Core    *Process
	Engines []*Process // all engines, including stopped ones
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

// AllInOne returns a Rig of one process, which StartUp starts.
func AllInOne(t testing.TB, cfg Config) *Rig {
	t.Helper()
	return newRig(t, cfg)
}

// newRig returns a Rig without processes.
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

// env returns the settings of a process that connects to the broker at address.
func (r *Rig) env(address string) map[string]string {
	e := map[string]string{
		"KAFKA_BROKERS": address, "DATA_DIR": r.Config.BrokerDir, "API_PORT": r.port, "WS_PORT": "0", "DB_PATH": r.DB, "CHECKPOINT_EVERY": "500ms",
		"KAFKA_SESSION_TIMEOUT": r.Config.Session.String(), "PACKETS_PARTITIONS": strconv.Itoa(r.Config.Partitions),
		"PACKETS_ENCODING": r.Config.Encoding,
	}
	maps.Copy(e, r.Config.Env)
	return e
}

// Start starts another process of the Rig, with the broker at address.
func (r *Rig) Start(address string, in io.Reader, args ...string) *Process {
	r.T.Helper()
	p := StartReading(r.T, in, r.env(address), args...)
	r.mu.Lock()
	r.all = append(r.all, p)
	r.mu.Unlock()
	return p
}

// StartBroker starts the broker at its address with its existing data directory, and waits
// until it listens.
func (r *Rig) StartBroker() {
	r.T.Helper()
	listen := r.Address
	if r.Config.Listen != "" {
		_, port, _ := net.SplitHostPort(r.Address)
		listen = net.JoinHostPort(r.Config.Listen, port)
	}
	r.Broker = r.Start("", nil, "broker", "--listen", listen, "--advertise", r.Address, "--data-dir", r.Config.BrokerDir)
	r.Broker.BrokerAddress()
}

// StartUp runs all roles in one process, which replays a capture.
func (r *Rig) StartUp(capture string, speed float64) *Process {
	r.T.Helper()
	return r.Start("", nil, "up", "--replay", capture, "--speed", strconv.FormatFloat(speed, 'f', 3, 64))
}

// StartCore starts the core at its port, and waits until its API responds.
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

// Replay replays a capture with rate packets per second, 0 for maximum speed.
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

// Get decodes the response of the core's API to path into v.
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

// API returns the address of the core's API.
func (r *Rig) API() string { return "127.0.0.1:" + r.port }

// Stats returns the response of /stats.
func (r *Rig) Stats() (s models.Stats, err error) { return s, r.Get("stats", &s) }

// Health returns the body of the response of /health with any status, or the error.
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
	return p, p.BrokerAddress()
}

// Processes returns all processes that were started, including exited ones.
func (r *Rig) Processes() []*Process {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]*Process(nil), r.all...)
}

// Panicked returns the outputs of processes that panicked.
func (r *Rig) Panicked() (texts []string) {
	for _, p := range r.Processes() {
		if text := p.Stderr.String(); strings.Contains(text, "\ngoroutine ") || strings.Contains(text, "panic:") {
			texts = append(texts, p.Name+": "+tail(text, 4000))
		}
	}
	return texts
}
