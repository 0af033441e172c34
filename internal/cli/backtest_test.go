package cli

import (
	"database/sql"
	"encoding/json"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/netlyra/netlyra/internal/backtest"
	"github.com/netlyra/netlyra/internal/models"
)

// runFor runs a command and returns the exited process.
func runFor(t *testing.T, env map[string]string, wantCode int, args ...string) *process {
	t.Helper()
	p := start(t, env, args...)
	if code := p.wait(60 * time.Second); code != wantCode {
		t.Fatalf("%v: exit code %d, want %d\n%s\n%s", args, code, wantCode, p.stdout.String(), p.stderr.String())
	}
	return p
}

// backtested returns the JSON result of backtest.
func backtested(t *testing.T, env map[string]string, args ...string) (b backtest.Result) {
	t.Helper()
	p := runFor(t, env, 0, append([]string{"backtest", "--format", "json"}, args...)...)
	if err := json.Unmarshal([]byte(p.stdout.String()), &b); err != nil {
		t.Fatalf("%v: %v", args, err)
	}
	return b
}

func wantIdentical(t *testing.T, what string, b *backtest.Result) {
	t.Helper()
	if len(b.Added)+len(b.Removed)+len(b.Changed) > 0 || b.Unchanged == 0 {
		t.Errorf("%s: %d added, %d removed, %d changed, %d identical; want only identical ones\n%+v", what, len(b.Added), len(b.Removed), len(b.Changed), b.Unchanged, b)
	}
}

func verified(t *testing.T, env map[string]string, wantCode int, id string) (v backtest.Verification) {
	t.Helper()
	p := runFor(t, env, wantCode, "explain", id, "--verify", "--format", "json")
	var out struct{ Verification *backtest.Verification }
	out.Verification = &v
	if err := json.Unmarshal([]byte(p.stdout.String()), &out); err != nil {
		t.Fatalf("%s: %v", id, err)
	}
	return v
}

// TestBacktestReproducesAlerts streams a capture over three partitions and kills and restarts
// the engine in the middle. A replay of the topic must then reproduce each published alert,
// from the beginning and from a checkpoint, and verify each one. Other settings and modified
// alerts must be reported as differences.
func TestBacktestReproducesAlerts(t *testing.T) {
	db := filepath.Join(t.TempDir(), "netlyra.db")
	env := map[string]string{
		"KAFKA_BROKERS": startBroker(t), "API_PORT": freePort(t), "WS_PORT": "0", "DB_PATH": db,
		"CHECKPOINT_EVERY": "200ms", "CHECKPOINT_KEYFRAME_EVERY": "5s", "PACKETS_PARTITIONS": "3", "PACKETS_ENCODING": "packed",
	}
	stream(t, env)

	b := backtested(t, env)
	wantIdentical(t, "from the beginning", &b)
	if b.Starts[0].Checkpoint || b.Against != backtest.AgainstPublished {
		t.Errorf("the replay of the whole topic does not start at its beginning: %+v", b.Starts)
	}
	b = backtested(t, env, "--from", "-15s")
	wantIdentical(t, "from a checkpoint", &b)
	if !b.Starts[0].Checkpoint || b.Starts[0].Packets == 0 || b.From < b.Starts[0].TS {
		t.Errorf("the replay of the last 15 s does not start at a checkpoint: %+v", b.Starts)
	}
	b = backtested(t, env, "--set", "ANOMALY_THRESHOLD=0.4")
	if len(b.Added) == 0 || b.Against != backtest.AgainstPresent || len(b.Notes) > 0 {
		t.Errorf("a lower threshold adds %d alerts; %+v", len(b.Added), b.Notes)
	}
	if b = backtested(t, env, "--from", "-15s", "--set", "ANOMALY_THRESHOLD=0.99"); len(b.Removed)+len(b.Changed) == 0 || !b.Starts[0].Checkpoint {
		t.Errorf("a higher threshold removes no alert: %+v", b)
	}

	byCheckpoint := 0
	alerts := rows(t, db)
	for id := range alerts {
		v := verified(t, env, 0, id)
		if len(v.Versions) != 2 || !v.OK() || v.Packets == 0 {
			t.Errorf("%s: %+v", id, v)
		}
		if v.Start.Checkpoint {
			byCheckpoint++
		}
	}
	if byCheckpoint == 0 {
		t.Error("no alert was verified from a checkpoint")
	}
	forge(t, env, slices.Sorted(maps.Keys(alerts))[0])
	removeOldRecords(t, env)
}

// stream replays the test's capture through core and engine, kills and restarts the engine
// in the middle, and returns when everything is stored.
func stream(t *testing.T, env map[string]string) {
	t.Helper()
	capture := captureFile(t)
	frames := framesIn(t, capture)
	start(t, env, "core")
	engine := start(t, env, "engine")
	replay := start(t, env, "replay", capture, "--rate", strconv.Itoa(max(frames/6, 1000)))
	status := func() (packets uint64) {
		var s models.Stats
		if get("http://127.0.0.1:"+env["API_PORT"]+"/api/v1/stats", &s) == nil {
			for _, p := range s.Partitions {
				packets += p.Packets
			}
		}
		return packets
	}
	eventually(t, 60*time.Second, "half of the packets scored", func() bool { return status() > uint64(frames/2) })
	engine.kill()
	start(t, env, "engine")
	if code := replay.wait(60 * time.Second); code != 0 {
		t.Fatalf("replay: exit code %d", code)
	}
	eventually(t, 60*time.Second, "all packets processed", func() bool { return status() == uint64(frames) })
	eventually(t, 60*time.Second, "all packets in a checkpoint", func() bool { return backtested(t, env).Packets == uint64(frames) })
	want := filepath.Join(t.TempDir(), "want.db")
	up(t, want, capture)
	eventually(t, 60*time.Second, "the alerts of a run without faults", func() bool { return maps.Equal(rows(t, env["DB_PATH"]), rows(t, want)) })
}

// forge modifies a stored alert, which its verification must detect.
func forge(t *testing.T, env map[string]string, id string) {
	t.Helper()
	conn, err := sql.Open("sqlite3", "file:"+env["DB_PATH"])
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Exec("UPDATE alerts SET score = score - 0.01, counterfactual = ? WHERE id = ?", `{"changes":[],"score":0.1}`, id); err != nil {
		t.Fatal(err)
	}
	v := verified(t, env, 1, id)
	var fields []string
	for _, d := range v.Versions[0].Differences {
		fields = append(fields, d.Field)
	}
	if v.Versions[0].Reproduced || !slices.Equal(fields, []string{"counterfactual", "score"}) || !v.Versions[1].Reproduced {
		t.Errorf("a forged score and counterfactual: %+v", v.Versions)
	}
	p := runFor(t, env, 1, "explain", id, "--verify")
	if !strings.Contains(p.stdout.String(), "NOT reproduced: the version in the database") || !strings.Contains(p.stdout.String(), "Reproduced the version in the topic") {
		t.Errorf("explain printed %s", p.stdout.String())
	}
}

// forgeTopic publishes an alert that no engine has raised, and every version of another one
// again with a lower score; backtest must report both.
func forgeTopic(t *testing.T, env map[string]string) {
	t.Helper()
	cl, err := kgo.NewClient(kgo.SeedBrokers(env["KAFKA_BROKERS"]), kgo.ConsumeTopics(models.TopicAlerts), kgo.DefaultProduceTopic(models.TopicAlerts))
	if err != nil {
		t.Fatal(err)
	}
	defer cl.Close()
	var forged []*kgo.Record
	id, forgedAlert := "", models.Alert{}
	for len(forged) == 0 {
		for _, r := range cl.PollFetches(t.Context()).Records() {
			var a models.Alert
			if err := json.Unmarshal(r.Value, &a); err != nil {
				t.Fatal(err)
			}
			if id == "" {
				id, forgedAlert = a.ID, a
				forgedAlert.ID = "Af0rged"
				v, _ := json.Marshal(forgedAlert)
				forged = append(forged, &kgo.Record{Value: v})
			}
			if a.ID == id {
				a.Score -= 0.1
				v, _ := json.Marshal(a)
				forged = append(forged, &kgo.Record{Value: v})
			}
		}
	}
	if err := cl.ProduceSync(t.Context(), forged...).FirstErr(); err != nil {
		t.Fatal(err)
	}
	b := backtested(t, env)
	if len(b.Removed) != 1 || b.Removed[0].ID != forgedAlert.ID || len(b.Added) > 0 {
		t.Errorf("a forged alert: removed %+v, added %+v", b.Removed, b.Added)
	}
	if len(b.Changed) != 1 || b.Changed[0].After.ID != id || !slices.Equal(b.Changed[0].Fields, []string{"score"}) {
		t.Errorf("an alert with a lower score: changed %+v", b.Changed)
	}
}

// removeOldRecords deletes the oldest records, as retention does: a replay must then start at
// a checkpoint, or with an untrained model and a note if the settings fit no checkpoint.
func removeOldRecords(t *testing.T, env map[string]string) {
	t.Helper()
	cl, err := kgo.NewClient(kgo.SeedBrokers(env["KAFKA_BROKERS"]))
	if err != nil {
		t.Fatal(err)
	}
	defer cl.Close()
	adm := kadm.NewClient(cl)
	ends, err := adm.ListEndOffsets(t.Context(), models.TopicPackets)
	if err != nil {
		t.Fatal(err)
	}
	to := kadm.Offsets{}
	ends.Each(func(o kadm.ListedOffset) { to.AddOffset(o.Topic, o.Partition, o.Offset/10, -1) })
	if _, err := adm.DeleteRecords(t.Context(), to); err != nil {
		t.Fatal(err)
	}
	b := backtested(t, env)
	if len(b.Added)+len(b.Removed)+len(b.Changed) > 0 || b.Packets == 0 || !b.Starts[0].Checkpoint {
		t.Errorf("without the oldest records: %+v", b)
	}
	b = backtested(t, env, "--set", "HST_SEED=5")
	if !b.Starts[0].Cold || len(b.Notes) == 0 || b.Against != backtest.AgainstPresent {
		t.Errorf("another seed does not start with an untrained model, or without a note: %+v %v", b.Starts, b.Notes)
	}
}

// TestBacktestFindsTheBroker uses the embedded broker of a running up, and after its exit the
// log in its directory.
func TestBacktestFindsTheBroker(t *testing.T) {
	dir, port := t.TempDir(), freePort(t)
	capture := captureFile(t)
	env := map[string]string{"API_PORT": port, "WS_PORT": "0", "DB_PATH": filepath.Join(dir, "n.db"), "DATA_DIR": dir, "CHECKPOINT_EVERY": "200ms"}
	p := runFor(t, env, 1, "backtest")
	for _, named := range []string{dir, "DATA_DIR", "KAFKA_BROKERS"} {
		if !strings.Contains(p.stderr.String(), named) {
			t.Errorf("without a log, the error does not name %s: %s", named, p.stderr.String())
		}
	}
	running := start(t, env, "up", "--replay", capture, "--speed", "max")
	frames := uint64(framesIn(t, capture))
	eventually(t, 60*time.Second, "a checkpoint of all packets", func() bool {
		p := start(t, env, "backtest", "--format", "json")
		var b backtest.Result
		return p.wait(60*time.Second) == 0 && json.Unmarshal([]byte(p.stdout.String()), &b) == nil && b.Packets == frames && b.Unchanged > 0
	})
	b := backtested(t, env)
	wantIdentical(t, "while up is running", &b)
	running.Stop(30 * time.Second)
	b = backtested(t, env)
	wantIdentical(t, "after up has ended", &b)
	for id := range rows(t, env["DB_PATH"]) {
		if v := verified(t, env, 0, id); !v.OK() {
			t.Errorf("%s: %+v", id, v)
		}
	}
	broker := start(t, nil, "broker", "--listen", "127.0.0.1:0", "--data-dir", dir)
	env["KAFKA_BROKERS"] = broker.BrokerAddress()
	forgeTopic(t, env)
}

func TestBacktestUsage(t *testing.T) {
	env := map[string]string{"DATA_DIR": t.TempDir()}
	for want, args := range map[string][]string{
		"must be KEY=VALUE": {"--set", "THRESHOLD=1"},
		"ANOMALY_THRESHOLD": {"--set", "ANOMALY_THRESHOLD=7"},
		"is neither":        {"--from", "yesterday"},
		"is neither a time": {"--to", "-"},
	} {
		if p := runFor(t, env, 2, append([]string{"backtest"}, args...)...); !strings.Contains(p.stderr.String(), want) {
			t.Errorf("%v: %s", args, p.stderr.String())
		}
	}
}
