package archtest

// layers lists the components from top to bottom. A package imports only components of
// lower layers, and packages of the same component.
var layers = [][]string{
	{"cmd"},
	{"internal/cli"},
	{"internal/bench"},
	{"internal/app"},
	{"internal/analyze", "internal/backtest", "internal/doctor", "internal/evaluate", "internal/prior"},
	{"internal/settings"},
	{"internal/sensor", "internal/api", "internal/live", "internal/store", "internal/bus", "engine"},
	{"internal/capture", "internal/decode", "internal/conntrack"},
	{"internal/ledger"},
	{"internal/obs", "internal/httpserver", "internal/faults"},
	{"internal/wire"},
	{"internal/netlimit", "memory", "ui", "internal/fsguard"},
	{"internal/models"},
}

// only restricts which components may import a component, in addition to the layers.
var only = map[string][]string{
	"internal/config": {
		"internal/cli", "internal/bench", "internal/app",
		"internal/analyze", "internal/backtest", "internal/doctor", "internal/evaluate", "internal/prior", "internal/settings",
	},
	"internal/cli":    {"cmd"},
	"internal/bench":  {"internal/cli"},
	"internal/app":    {"internal/cli", "internal/bench"},
	"internal/faults": {}, // tests only
	"ui":              {"internal/app"},
}

// free are components outside of the layers that import no other component.
var free = []string{"internal/config", "internal/archtest", "internal/prose"}

// libraries lists the components that may import a library, by prefix of its path.
// Tests may import any library.
var libraries = map[string][]string{
	"github.com/twmb/franz-go/":            {"internal/bus"},
	"gorm.io/":                             {"internal/store"},
	"github.com/mattn/go-sqlite3":          {"internal/store"},
	"github.com/gin-gonic/":                {"internal/api"},
	"github.com/getkin/kin-openapi":        {"internal/api"},
	"github.com/gorilla/websocket":         {"internal/live"},
	"github.com/google/gopacket":           {"internal/capture", "internal/decode"},
	"github.com/ebitengine/purego":         {"internal/capture"},
	"github.com/alecthomas/kong":           {"internal/config", "internal/cli"},
	"github.com/joho/godotenv":             {"internal/config"},
	"github.com/schollz/progressbar":       {"internal/cli"},
	"github.com/prometheus/client_golang/": {"internal/obs", "internal/ledger", "internal/app", "internal/api", "internal/bus", "internal/capture", "internal/conntrack", "internal/decode", "internal/httpserver", "internal/live", "internal/store", "engine"},
}

// standardOnly are components that import only the standard library (and packages of the
// same component).
var standardOnly = []string{"internal/models", "internal/netlimit", "memory", "engine/hst"}

// eventTime are components that must not read the wall clock, so that the same packets
// give the same alerts at any time.
var eventTime = []string{"engine", "internal/conntrack", "internal/decode"}

// wallClock are exceptions: files of those components that may read it, with the reason.
var wallClock = map[string]string{
	"engine/engine.go": "checkpoints and score samples are scheduled by the wall clock, which pipelines never see",
}

// maxLines is the limit of lines per file; the median is about 100.
const maxLines = 450

// maxFiles is the limit of non-test files per package.
const maxFiles = 25

// buildTags are the build tags of the binary; nomsgpack excludes gin's MessagePack codec.
const buildTags = "nomsgpack"

// unlinked are packages, by prefix, that the binary must not link, and how they could be
// linked.
var unlinked = map[string]string{
	"github.com/quic-go":         "gin since 1.11 imports HTTP/3 (Engine.RunQUIC), which NetLyra does not serve; stay at gin 1.10",
	"go.mongodb.org":             "gin since 1.12 imports the BSON codec of the MongoDB driver; stay at gin 1.10",
	"github.com/ugorji/go":       "gin's MessagePack codec; build with the tag nomsgpack",
	"github.com/bytedance/sonic": "gin's JSON codec for the tag sonic; encoding/json is enough",
	"github.com/goccy/go-json":   "gin's JSON codec for the tag go_json; encoding/json is enough",
	"github.com/goccy/go-yaml":   "gin's YAML codec since 1.11; NetLyra speaks JSON",
	"github.com/go-task":         "a tool of development",
	"testing":                    "only tests import it",
	"net/http/pprof":             "it exposes memory contents to clients of the port",
}

// npmDirs are the directories with package.json.
var npmDirs = []string{"ui", "bruno"}
