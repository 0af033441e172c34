package ui

import (
	"io/fs"
	"testing"
)

func TestFSReportsWhetherBuilt(t *testing.T) {
	files, built := FS()
	if files == nil {
		t.Fatal("FS returned no file system")
	}
	_, err := fs.ReadFile(files, "index.html")
	if built != (err == nil) {
		t.Fatalf("built = %v, but reading index.html returned %v", built, err)
	}
	if !built {
		return
	}
	assets, err := fs.Glob(files, "assets/*.js")
	if err != nil || len(assets) == 0 {
		t.Fatalf("built dashboard has no scripts: %v, %v", assets, err)
	}
}
