package api

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/netlyra/netlyra/internal/httpserver"
)

// page serves the built dashboard. Its files are few and small, so they are read once.
type page struct {
	files map[string]file // by path without the leading slash
}

// baseTag is the element of the index that says where relative links begin. The one in
// the file is for a page at the root of its origin.
var baseTag = regexp.MustCompile(`<base href="[^"]*" ?/?>`)

type file struct {
	data []byte
	kind string // content type
	etag string
	// fixed: the name has a hash of the content (Vite's assets), so that a browser
	// may keep it for ever.
	fixed bool
}

const index = "index.html"

func newPage(files fs.FS) *page {
	p := &page{files: map[string]file{}}
	if files == nil {
		return p
	}
	// A file that cannot be read is missing from the page, and a page without its
	// index says how to build it.
	_ = fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return fs.SkipDir
		}
		if d.IsDir() || strings.HasPrefix(d.Name(), ".") {
			return nil
		}
		if data, err := fs.ReadFile(files, name); err == nil {
			kind := mime.TypeByExtension(path.Ext(name))
			if kind == "" {
				kind = http.DetectContentType(data)
			}
			p.files[name] = file{data, kind, etag(data), strings.HasPrefix(name, "assets/")}
		}
		return nil
	})
	return p
}

// serve answers a request that no route has: a file, or for a path that is a screen of
// the dashboard its index, which finds the screen by itself.
func (p *page) serve(c *gin.Context) {
	if c.Request.Method != http.MethodGet {
		c.Header("Allow", "GET, HEAD")
		problem(c, http.StatusMethodNotAllowed, "A page can only be got.")
		return
	}
	name := strings.TrimPrefix(path.Clean(c.Request.URL.Path), "/")
	f, ok := p.files[name]
	switch {
	case ok && name != index:
	case path.Ext(name) != "" && name != index && !accepts(c.Request.Header.Values("Accept"), "text/html"),
		strings.HasPrefix(name, "assets/"), name == "metrics":
		problem(c, http.StatusNotFound, "There is no such file.")
		return
	default:
		if f, ok = p.files[index]; !ok {
			f = file{data: []byte(unbuilt), kind: "text/html; charset=utf-8"}
		}
		f = f.based(baseOf(c.Request))
	}
	c.Header("ETag", f.etag)
	c.Header("Content-Type", f.kind)
	if f.fixed {
		c.Header("Cache-Control", "public, max-age=31536000, immutable")
	} else {
		c.Header("Cache-Control", "no-cache") // asked for again each time, answered by 304
	}
	c.Status(http.StatusOK) // not the 404 of a path without a route
	http.ServeContent(c.Writer, c.Request, "", time.Time{}, bytes.NewReader(f.data))
}

// based is the index with base as the place where its relative links begin.
func (f file) based(base string) file {
	if at := baseTag.FindIndex(f.data); at != nil {
		f.data = slices.Concat(f.data[:at[0]], []byte(`<base href="`+base+`" />`), f.data[at[1]:])
	}
	f.etag = etag(f.data)
	return f
}

// baseOf is the page's path as the browser sees it where that is known, else the way
// up from the path of the request: a proxy may have cut off a prefix that nobody told.
// Its characters need no escaping.
func baseOf(r *http.Request) string {
	if base := httpserver.RequestOf(r.Context()).Base; base != "" {
		return base + "/"
	}
	if depth := strings.Count(r.URL.EscapedPath(), "/") - 1; depth > 0 {
		return strings.Repeat("../", depth)
	}
	return "./"
}

func etag(data []byte) string {
	sum := sha256.Sum256(data)
	return `"` + hex.EncodeToString(sum[:12]) + `"`
}

// unbuilt is shown in place of a dashboard that was not built into the binary.
const unbuilt = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<base href="/">
<meta name="viewport" content="width=device-width">
<title>NetLyra</title>
<style>
:root { color-scheme: light dark }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 40rem; margin: 4rem auto; padding: 0 1rem }
code { font-size: .95em }
</style>
<h1>NetLyra runs</h1>
<p>The dashboard is not part of this binary, because it was built without Node. Everything else works.</p>
<p>To get the dashboard, install Node.js 20.19 or newer, then run
<pre><code>go tool task build</code></pre>
<p>in the source folder and start NetLyra again.</p>
<p>Meanwhile: <a href="api/v1/health">health</a>, <a href="api/v1/alerts">alerts</a>,
<a href="api/v1/connections">connections</a>, <a href="api/v1/stats">stats</a>,
<a href="api/v1/openapi.yaml">all routes</a>, <a href="metrics">metrics</a>.</p>
</html>
`
