// Package ui embeds the built web dashboard in the binary. `npm run build` in this
// directory writes it to dist; without that the binary builds too, and FS reports it.
package ui

import (
	"embed"
	"io/fs"
)

//go:embed all:dist
var dist embed.FS

// FS returns the dashboard with index.html at its root. built is false if the binary was
// built without the dashboard; files is then empty.
func FS() (files fs.FS, built bool) {
	files, err := fs.Sub(dist, "dist")
	if err != nil {
		return dist, false
	}
	_, err = fs.Stat(files, "index.html")
	return files, err == nil
}
