package doctor

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"time"

	"github.com/netlyra/netlyra/internal/bus/client"
	"github.com/netlyra/netlyra/internal/bus/diagnose"
	"github.com/netlyra/netlyra/internal/bus/embedded"
	"github.com/netlyra/netlyra/internal/capture/live"
	"github.com/netlyra/netlyra/internal/config"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
	"github.com/netlyra/netlyra/internal/obs"
	"github.com/netlyra/netlyra/internal/settings"
	"github.com/netlyra/netlyra/internal/store"
	"github.com/netlyra/netlyra/internal/store/dbfile"
)

// Run checks everything that NetLyra needs on this host and at the brokers and calls tell
// with each finding. warnings are those of the configuration.
func Run(ctx context.Context, cfg *config.Config, warnings []string, log *slog.Logger, tell func(obs.Finding)) {
	d := &doctor{cfg: cfg, warnings: warnings, log: log}
	for _, check := range []struct {
		code string // of findings that have none
		run  func(context.Context) []obs.Finding
	}{
		{vocabulary.DoctorConfiguration, d.configuration},
		{vocabulary.DoctorClock, d.clock},
		{vocabulary.DoctorOpenFiles, d.openFiles},
		{vocabulary.DoctorAPIPort, d.apiPort},
		{vocabulary.DoctorWSPort, d.wsPort},
		{vocabulary.DoctorDatabase, d.database},
		{vocabulary.DoctorPermissions, d.permissions},
		{vocabulary.DoctorDatabaseDisk, d.databaseDisk},
		{vocabulary.DoctorDataDisk, d.dataDisk},
		{vocabulary.DoctorCapture, d.capture},
	} {
		for _, f := range check.run(ctx) {
			tell(f.Coded(check.code))
		}
	}
	d.brokers(ctx, tell)
}

type doctor struct {
	cfg      *config.Config
	warnings []string
	log      *slog.Logger
}

// configuration reports unknown names; invalid values prevent the start.
func (d *doctor) configuration(context.Context) []obs.Finding {
	if len(d.warnings) == 0 {
		return []obs.Finding{obs.Found("configuration", "valid; 'netlyra config' prints it")}
	}
	return []obs.Finding{obs.Warn("configuration", "correct or delete these lines", "%s", strings.Join(d.warnings, "; "))}
}

// database checks that the database can be opened and written.
func (d *doctor) database(ctx context.Context) []obs.Finding {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	if err := store.Probe(ctx, settings.Store(d.cfg)); err != nil {
		return []obs.Finding{obs.Fail("database", "see the error; check DB_PATH, permissions and disk space", "%v", err)}
	}
	by, err := dbfile.Holder(d.cfg.DBPath)
	switch {
	case err != nil:
		return []obs.Finding{obs.Warn("database", "check that this user may read the lock file", "%s is writable; cannot determine which process has it open: %v", d.cfg.DBPath, err)}
	case by != "":
		return []obs.Finding{obs.Found("database", "%s is writable; %s has it open", d.cfg.DBPath, by)}
	}
	return []obs.Finding{obs.Found("database", "%s is writable", d.cfg.DBPath)}
}

// capture checks that this user may capture on the configured interface.
func (d *doctor) capture(context.Context) []obs.Finding {
	if d.cfg.CaptureIface == "" {
		return nil
	}
	o := settings.Capture(d.cfg, d.cfg.KafkaBrokers, d.log)
	o.Promiscuous, o.RingBytes = false, 1<<20 // opened and closed only
	src, err := live.Open(d.cfg.CaptureIface, o)
	if err != nil {
		return []obs.Finding{obs.Fail("capture", "see the error; 'netlyra up --replay FILE' needs no privilege", "%v", err)}
	}
	if err := src.Close(); err != nil {
		return []obs.Finding{obs.Warn("capture", "check the kernel log", "%s: %v", d.cfg.CaptureIface, err)}
	}
	return []obs.Finding{obs.Found("capture", "allowed on %s", d.cfg.CaptureIface)}
}

// brokers checks the cluster, or the embedded broker of another process, or the directory
// in which one would be started.
func (d *doctor) brokers(ctx context.Context, tell func(obs.Finding)) {
	brokers := d.cfg.KafkaBrokers
	if len(brokers) == 0 {
		addr, f := d.embedded()
		tell(f.Coded(vocabulary.DoctorEmbeddedBroker))
		if addr == "" {
			return
		}
		brokers = []string{addr}
	}
	log := d.log
	if !log.Enabled(ctx, slog.LevelDebug) { // the findings cover the client's log
		log = slog.New(slog.DiscardHandler)
	}
	diagnose.Run(ctx, diagnose.Request{
		Config: settings.Bus(d.cfg, brokers), Deps: client.Deps{Log: log},
		Groups: []string{d.cfg.KafkaGroupEngine, d.cfg.KafkaGroupCore}, Lanes: int32(d.cfg.EngineLanes),
	}, tell)
}

// embedded checks the directory of the embedded broker without starting one.
func (d *doctor) embedded() (addr string, f obs.Finding) {
	const check = "embedded broker"
	dir := d.cfg.DataDir
	addr, err := embedded.Running(dir)
	switch {
	case err != nil:
		return "", obs.Warn(check, "run doctor again; if it persists, check that this user may read and write the directory", "%v", err)
	case addr != "":
		return addr, obs.Found(check, "running at %s with its log in %s", addr, dir)
	}
	if err := writable(dir); err != nil {
		return "", obs.Fail(check, "make the user of netlyra the owner of the directory, or set DATA_DIR", "%v", err)
	}
	if !embedded.Kept(dir) {
		return "", obs.Found(check, "not running; 'netlyra up' starts it with a new log in %s", dir)
	}
	size, err := treeSize(dir)
	return "", obs.Found(check, "not running; 'netlyra up' starts it with the existing log in %s (%d MiB)%s", dir, size>>20, and(err))
}

func and(err error) string {
	if err == nil {
		return ""
	}
	return ", size incomplete: " + errors.Unwrap(err).Error()
}
