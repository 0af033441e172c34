// Package ui carries the built web dashboard inside the binary. `npm run build` in
// this folder fills dist; without it the binary still builds, and FS says so.
package ui

import (
	"embed"
	"io/fs"
)

//go:embed all:dist
var dist embed.FS

// FS is the built dashboard with index.html at its root. built is false where the
// binary was made without a build of the dashboard; files is then empty.
func FS() (files fs.FS, built bool) {
	files, err := fs.Sub(dist, "dist")
	if err != nil {
		return dist, false
	}
	_, err = fs.Stat(files, "index.html")
	return files, err == nil
}
