package faults_test

import (
	"database/sql"
	"strings"
	"testing"
	"time"

	"github.com/netlyra/netlyra/internal/faults"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
)

// TestDatabaseDiskFull fills the disk of the database until rows cannot be
// stored, and frees it.
func TestDatabaseDiskFull(t *testing.T) {
	t.Parallel()
	disk := faults.NewDisk(t, 64<<20)
	ref := office(t)
	cfg := config()
	cfg.DBDir = disk.Dir
	r := faults.New(t, cfg)
	replay := r.Replay(ref.Capture, rate(ref, 4*time.Second))
	r.WaitTaken(ref.Packets / 4)
	disk.Fill(t, 0)
	r.Core.Says(time.Minute, `"event":"recording_failed"`)
	faults.Eventually(t, time.Minute, "health reports the full disk", func() bool { return strings.Contains(r.Health(), vocabulary.ConditionStoreUnavailable) })
	r.WaitTaken(ref.Packets / 2) // scoring continues
	disk.Free(t)
	r.Check(replay, ref)
}

// TestBrokerDiskFull suddenly fills the disk of the broker, and frees it when the broker has
// reported that it refuses writes. Producers wait.
func TestBrokerDiskFull(t *testing.T) {
	t.Parallel()
	disk := faults.NewDisk(t, 512<<20)
	ref := office(t)
	cfg := config()
	cfg.BrokerDir = disk.Dir
	r := faults.New(t, cfg)
	replay := r.Replay(ref.Capture, rate(ref, 4*time.Second))
	r.WaitTaken(ref.Packets / 4)
	disk.Fill(t, 0)
	r.Broker.Says(time.Minute, string(vocabulary.EventBrokerDiskFull))
	disk.Free(t)
	r.Broker.Says(time.Minute, string(vocabulary.EventBrokerDiskFree))
	r.Check(replay, ref)
}

// TestDatabaseLocked locks the database from another process for longer than the core
// waits.
func TestDatabaseLocked(t *testing.T) {
	t.Parallel()
	ref := office(t)
	r := faults.New(t, config())
	replay := r.Replay(ref.Capture, rate(ref, 4*time.Second))
	r.WaitTaken(ref.Packets / 4)
	db, err := sql.Open("sqlite3", "file:"+r.DB+"?_busy_timeout=20000&_txlock=immediate")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	tx, err := db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Core.Says(time.Minute, `"event":"recording_failed"`)
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	r.Check(replay, ref)
}
