package archtest

// layers are the components from the top down. A package imports only components of
// layers below its own, and packages of its own component.
var layers = [][]string{
	{"cmd"},
	{"internal/cli"},
	{"internal/bench"},
	{"internal/app"},
	{"internal/analyze", "internal/backtest", "internal/doctor", "internal/evaluate"},
	{"internal/settings"},
	{"internal/sensor", "internal/api", "internal/live", "internal/store", "internal/bus", "engine"},
	{"internal/capture", "internal/decode", "internal/conntrack"},
	{"internal/obs", "internal/httpserver", "internal/faults"},
	{"internal/wire"},
	{"internal/netlimit", "memory", "ui", "internal/fsguard"},
	{"internal/models"},
}

// only says who alone may import a component, beyond the order of layers.
var only = map[string][]string{
	"internal/config": {
		"internal/cli", "internal/bench", "internal/app",
		"internal/analyze", "internal/backtest", "internal/doctor", "internal/evaluate", "internal/settings",
	},
	"internal/cli":    {"cmd"},
	"internal/bench":  {"internal/cli"},
	"internal/app":    {"internal/cli", "internal/bench"},
	"internal/faults": {}, // tests only
	"ui":              {"internal/app"},
}

// free are components outside of the layers, which import nothing of NetLyra.
var free = []string{"internal/config", "internal/archtest", "internal/prose"}

// libraries says which components may import a library, by prefix of its path.
// Tests may import any.
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
	"github.com/prometheus/client_golang/": {"internal/obs", "internal/app", "internal/api", "internal/bus", "internal/capture", "internal/conntrack", "internal/decode", "internal/httpserver", "internal/live", "internal/store", "engine"},
}

// standardOnly are packages that import the standard library alone (and, where they
// are a component of several packages, each other).
var standardOnly = []string{"internal/models", "internal/netlimit", "memory", "engine/hst"}

// eventTime are components that must not look at the wall clock: the same packets
// give the same alerts, at any time.
var eventTime = []string{"engine", "internal/conntrack", "internal/decode"}

// wallClock are the files of those components that may, and why.
var wallClock = map[string]string{
	"engine/engine.go": "checkpoints and score samples are due by the wall clock; no pipeline sees it",
}

// maxLines is how long a file may be; median files have about 100.
const maxLines = 450

// maxFiles is how many files a package may have, tests aside.
const maxFiles = 25

// crowded are packages with more files than that, and how many they may have until they
// are split.
var crowded = map[string]int{
	"internal/bus": 51, "internal/capture": 29, "internal/conntrack": 29, "internal/store": 29,
}

// buildTags are those that the binary is built with; nomsgpack leaves gin's MessagePack
// codec out.
const buildTags = "nomsgpack"

// unlinked are packages, by prefix, that the binary must not contain, and why they
// could get in.
var unlinked = map[string]string{
	"github.com/quic-go":         "gin since 1.11 imports HTTP/3 (Engine.RunQUIC), which NetLyra does not serve; stay at gin 1.10",
	"go.mongodb.org":             "gin since 1.12 imports the BSON codec of the MongoDB driver; stay at gin 1.10",
	"github.com/ugorji/go":       "gin's MessagePack codec; build with the tag nomsgpack",
	"github.com/bytedance/sonic": "gin's JSON codec for the tag sonic; encoding/json is enough",
	"github.com/goccy/go-json":   "gin's JSON codec for the tag go_json; encoding/json is enough",
	"github.com/goccy/go-yaml":   "gin's YAML codec since 1.11; NetLyra speaks JSON",
	"github.com/go-task":         "a tool of development",
	"testing":                    "only tests import it",
	"net/http/pprof":             "it serves memory to whoever reaches the port",
}

// npmDirs are the directories with a package.json.
var npmDirs = []string{"ui", "bruno"}
