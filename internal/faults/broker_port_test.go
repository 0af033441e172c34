package faults_test

import (
	"context"
	"flag"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/netlyra/netlyra/internal/bus/embedded/frames"
	"github.com/netlyra/netlyra/internal/faults"
)

var (
	frameCount = flag.Int("frames", number("FAULT_FRAMES", 20_000), "frames that hostile clients send to the broker in TestBrokerPortFrames")
	floodCount = flag.Int("flood", number("FAULT_FLOOD", 5_000), "connections of TestBrokerPortFlood")
)

// TestBrokerPortFrames sends random bytes, and requests of all kinds with random contents,
// to the broker while a replay runs, for topics and groups that are not NetLyra's.
func TestBrokerPortFrames(t *testing.T) {
	t.Parallel()
	ref := office(t)
	r := faults.New(t, config())
	replay := r.Replay(ref.Capture, rate(ref, 6*time.Second))
	r.WaitTaken(ref.Packets / 8)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	const senders = 2
	var all sync.WaitGroup
	var sent atomic.Int64
	for i := range senders {
		all.Go(func() {
			s := frames.New(uint64(*seed)<<8+uint64(i), []string{"hostile.a", "hostile.b"}, []string{"hostile", "tx"})
			n, err := frames.Send(ctx, r.Address, s, *frameCount/senders, 20)
			if sent.Add(int64(n)); err != nil {
				t.Errorf("after %d frames: %v", n, err)
			}
		})
	}
	all.Wait()
	if !r.Broker.Running() {
		t.Fatal("the broker exited")
	}
	r.Check(replay, ref)
	t.Logf("%d frames; at most %d MiB", sent.Load(), r.Peaks()["broker"]>>20)
}

// TestBrokerPortFlood opens connections to the broker at maximum speed, some idle, some with
// an incomplete request, and keeps the newest open, while a replay runs and
// the broker is restarted in the middle. NetLyra's clients must reconnect.
func TestBrokerPortFlood(t *testing.T) {
	t.Parallel()
	ref := office(t)
	cfg := config()
	cfg.Env = map[string]string{"BROKER_MAX_CONNECTIONS": "96"}
	r := faults.New(t, cfg)
	replay := r.Replay(ref.Capture, rate(ref, 6*time.Second))
	r.WaitTaken(ref.Packets / 8)
	ctx, cancel := context.WithCancel(t.Context())
	var flood sync.WaitGroup
	var opened atomic.Int64
	for i := range 2 {
		flood.Go(func() { connect(ctx, r.Address, i, *floodCount/2, &opened) })
	}
	r.WaitTaken(ref.Packets / 3)
	r.Broker.Kill()
	r.StartBroker()
	r.WaitTaken(ref.Packets / 2) // during the flood, or with its remaining connections
	flood.Wait()
	cancel()
	r.Check(replay, ref)
	t.Logf("%d connections; at most %d MiB", opened.Load(), r.Peaks()["broker"]>>20)
}

// connect opens n connections in sequence and keeps the newest 300 open.
func connect(ctx context.Context, addr string, kind, n int, opened *atomic.Int64) {
	var d net.Dialer
	var kept []net.Conn
	defer func() {
		for _, c := range kept {
			_ = c.Close()
		}
	}()
	for i := 0; i < n && ctx.Err() == nil; i++ {
		c, err := d.DialContext(ctx, "tcp", addr)
		if err != nil {
			continue
		}
		opened.Add(1)
		if kind == 1 { // the start of a 1 MiB Produce request
			_, _ = io.WriteString(c, "\x00\x10\x00\x00\x00\x00\x00\x09\x00\x00\x00\x01\xff\xff\x00")
		}
		if kept = append(kept, c); len(kept) > 300 {
			_ = kept[0].Close()
			kept = kept[1:]
		}
	}
}

const page = `<!doctype html><title>other origin</title><body><pre id=out>begin</pre>
<img src="http://BROKER/a.png"><script src="http://BROKER/a.js"></script>
<iframe name=f></iframe><form id=form method=post action="http://BROKER/" target=f enctype="text/plain"><input name="a" value="b"></form>
<script>
const kafka = new Uint8Array([0,0,0,10,3,231,0,0,0,0,0,1,255,255]);
const tries = [];
for (const method of ["GET","POST","PUT","DELETE","OPTIONS","HEAD"])
  for (const mode of ["cors","no-cors"])
    tries.push(fetch("http://BROKER/", {method, mode, body: method === "GET" || method === "HEAD" ? undefined : kafka}).then(() => method + " answered", () => method + " refused"));
tries.push(new Promise(done => { const ws = new WebSocket("ws://BROKER/"); ws.onopen = () => done("socket open"); ws.onerror = () => done("socket refused"); }));
tries.push(Promise.resolve("beacon " + navigator.sendBeacon("http://BROKER/", kafka)));
form.submit();
Promise.all(tries).then(list => { document.getElementById("out").textContent = "done: " + list.join(", "); });
</script>`

// TestBrokerPortPage has a page of another origin fetch, post, submit a form and open a
// WebSocket to the broker's port, in Chromium.
func TestBrokerPortPage(t *testing.T) {
	t.Parallel()
	browser, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("skipped: Chromium is required")
	}
	ref := office(t)
	r := faults.New(t, config())
	replay := r.Replay(ref.Capture, rate(ref, 4*time.Second))
	r.WaitTaken(ref.Packets / 8)
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = io.WriteString(w, strings.ReplaceAll(page, "BROKER", r.Address))
	}))
	defer site.Close()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, browser, "--headless=new", "--no-sandbox", "--disable-quic", "--disable-background-networking",
		"--disable-gpu", "--user-data-dir="+t.TempDir(), "--virtual-time-budget=20000", "--dump-dom", site.URL)
	out, err := cmd.Output()
	if err != nil && ctx.Err() == nil {
		t.Skipf("skipped: Chromium does not start: %v", err)
	}
	_, done, _ := strings.Cut(string(out), ">done: ")
	if done, _, _ = strings.Cut(done, "</pre>"); !strings.Contains(done, "POST refused") || !strings.Contains(done, "socket refused") {
		t.Errorf("unexpected result of the page: %v, %q", err, done)
	}
	if !r.Broker.Running() {
		t.Fatal("the broker exited")
	}
	r.Broker.Says(10*time.Second, `"reason":"http"`)
	r.Check(replay, ref)
}

// TestBrokerLogIn runs NetLyra with a broker that listens on all addresses: it must not start
// without SASL, and with SASL NetLyra's own clients must work.
func TestBrokerLogIn(t *testing.T) {
	t.Parallel()
	open := faults.Start(t, nil, "broker", "--listen", "0.0.0.0:0", "--advertise", "127.0.0.1:9", "--data-dir", t.TempDir())
	if code := open.Wait(20 * time.Second); code == 0 || !strings.Contains(open.Stderr.String(), "KAFKA_SASL_USER") {
		t.Errorf("without SASL: exit code %d, %s", code, open.Stderr.String())
	}
	ref := office(t)
	cfg := config()
	cfg.Env = map[string]string{"KAFKA_SASL_MECHANISM": "scram-sha-512", "KAFKA_SASL_USER": "netlyra", "KAFKA_SASL_PASSWORD": "of twelve bytes or more"}
	cfg.Listen = "0.0.0.0"
	r := faults.New(t, cfg)
	stranger := faults.Start(t, map[string]string{"KAFKA_BROKERS": r.Address, "KAFKA_SASL_MECHANISM": "scram-sha-512", "KAFKA_SASL_USER": "netlyra", "KAFKA_SASL_PASSWORD": "a guess"},
		"replay", ref.Capture)
	r.Check(r.Replay(ref.Capture, rate(ref, 2*time.Second)), ref)
	if strings.Contains(stranger.Stdout.String(), "packets published") {
		t.Errorf("with another password: %s", stranger.Stdout.String())
	}
}
