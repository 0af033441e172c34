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
	"github.com/netlyra/netlyra/internal/models/vocabulary"
)

// page serves the built dashboard from memory; its files are few and small.
type page struct {
	files map[string]file // by path without the leading slash
}

// baseTag is the element of index.html to which links are relative. The built file has
// the root of the origin.
var baseTag = regexp.MustCompile(`<base href="[^"]*" ?/?>`)

type file struct {
	data []byte
	kind string // content type
	etag string
	// fixed: the name contains a hash of the content (Vite's assets), so that browsers may
	// cache the file forever.
	fixed bool
}

const index = "index.html"

func newPage(files fs.FS) *page {
	p := &page{files: map[string]file{}}
	if files == nil {
		return p
	}
	// Unreadable files are skipped. Without index.html the page explains how to build the
	// dashboard.
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

// serve responds to requests without a route: with a file, or with index.html for paths
// that are screens of the dashboard.
func (p *page) serve(c *gin.Context) {
	if c.Request.Method != http.MethodGet {
		c.Header("Allow", "GET, HEAD")
		problem(c, http.StatusMethodNotAllowed, vocabulary.ProblemMethodNotAllowed, "Method not allowed; use GET.")
		return
	}
	name := strings.TrimPrefix(path.Clean(c.Request.URL.Path), "/")
	f, ok := p.files[name]
	switch {
	case ok && name != index:
	case path.Ext(name) != "" && name != index && !accepts(c.Request.Header.Values("Accept"), "text/html"),
		strings.HasPrefix(name, "assets/"), name == "metrics":
		problem(c, http.StatusNotFound, vocabulary.ProblemNotFound, "File not found.")
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
		c.Header("Cache-Control", "no-cache") // revalidated each time, usually with 304
	}
	c.Status(http.StatusOK) // replaces the 404 of a path without a route
	http.ServeContent(c.Writer, c.Request, "", time.Time{}, bytes.NewReader(f.data))
}

// based returns index.html with base in its baseTag.
func (f file) based(base string) file {
	if at := baseTag.FindIndex(f.data); at != nil {
		f.data = slices.Concat(f.data[:at[0]], []byte(`<base href="`+base+`" />`), f.data[at[1]:])
	}
	f.etag = etag(f.data)
	return f
}

// baseOf returns the path of the dashboard as the browser sees it. If a proxy may have
// stripped an unknown prefix, it returns the relative path from the requested path to the
// root. The result needs no escaping.
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

// unbuilt is served if the binary was built without the dashboard.
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
<h1>NetLyra is running</h1>
<p>This binary was built without the dashboard, because Node.js was not installed. All other functions work.</p>
<p>To get the dashboard, install Node.js 20.19 or newer, then run
<pre><code>go tool task build</code></pre>
<p>in the source directory and restart NetLyra.</p>
<p>Without the dashboard: <a href="api/v1/health">health</a>, <a href="api/v1/alerts">alerts</a>,
<a href="api/v1/connections">connections</a>, <a href="api/v1/stats">stats</a>,
<a href="api/v1/openapi.yaml">list of routes</a>, <a href="metrics">metrics</a>.</p>
</html>
`
