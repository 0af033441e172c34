package api

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
)

// page serves the built dashboard. Its files are few and small, so they are read once.
type page struct {
	files map[string]file // by path without the leading slash
}

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
			sum := sha256.Sum256(data)
			kind := mime.TypeByExtension(path.Ext(name))
			if kind == "" {
				kind = http.DetectContentType(data)
			}
			p.files[name] = file{data, kind, `"` + hex.EncodeToString(sum[:12]) + `"`, strings.HasPrefix(name, "assets/")}
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
	case ok:
	case path.Ext(name) != "" && !accepts(c.Request.Header.Values("Accept"), "text/html"),
		strings.HasPrefix(name, "assets/"), name == "metrics":
		problem(c, http.StatusNotFound, "There is no such file.")
		return
	default:
		if f, ok = p.files[index]; !ok {
			c.Header("Cache-Control", "no-cache")
			c.Data(http.StatusOK, "text/html; charset=utf-8", []byte(unbuilt))
			return
		}
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

// unbuilt is shown in place of a dashboard that was not built into the binary.
const unbuilt = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
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
<p>Meanwhile: <a href="/api/v1/health">health</a>, <a href="/api/v1/alerts">alerts</a>,
<a href="/api/v1/connections">connections</a>, <a href="/api/v1/stats">stats</a>,
<a href="/api/v1/openapi.yaml">all routes</a>, <a href="/metrics">metrics</a>.</p>
</html>
`
