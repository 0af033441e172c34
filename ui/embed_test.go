package ui

import (
	"io/fs"
	"testing"
)

func TestFSAgreesWithItsContents(t *testing.T) {
	files, built := FS()
	if files == nil {
		t.Fatal("no file system")
	}
	_, err := fs.ReadFile(files, "index.html")
	if built != (err == nil) {
		t.Fatalf("built = %v, but reading index.html gives %v", built, err)
	}
	if !built {
		return
	}
	assets, err := fs.Glob(files, "assets/*.js")
	if err != nil || len(assets) == 0 {
		t.Fatalf("a built dashboard without scripts: %v, %v", assets, err)
	}
}
