package archtest

// layers are the components from the top down. A package imports only components of
// layers below its own, and packages of its own component.
var layers = [][]string{
	{"cmd"},
	{"internal/cli"},
	{"internal/bench"},
	{"internal/app"},
	{
		"internal/api", "internal/live", "internal/store", "internal/bus",
		"internal/capture", "internal/decode", "internal/conntrack", "engine", "internal/report",
	},
	{"internal/obs", "internal/faults"},
	{"internal/models", "internal/netlimit", "memory", "ui"},
}

// only says who alone may import a component, beyond the order of layers.
var only = map[string][]string{
	"internal/config": {"internal/cli", "internal/bench", "internal/app"},
	"internal/cli":    {"cmd"},
	"internal/bench":  {"internal/cli"},
	"internal/app":    {"internal/cli", "internal/bench"},
	"internal/faults": {}, // tests only
	"ui":              {"internal/app"},
}

// free are components outside of the layers, which import nothing of NetLyra.
var free = []string{"internal/config", "internal/archtest"}

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
	"google.golang.org/protobuf/":          {"internal/models"},
	"github.com/prometheus/client_golang/": {"internal/obs", "internal/app", "internal/api", "internal/bus", "internal/capture", "internal/conntrack", "internal/decode", "internal/live", "internal/store", "engine"},
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
