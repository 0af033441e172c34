package api_test

import (
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// bruRequest is the part of a request of the Bruno collection that this test uses.
type bruRequest struct {
	file, method, target, body string
	headers                    []string
	statuses                   []int // the response must have one of them
}

var (
	bruBlock  = regexp.MustCompile(`(?ms)^([a-z:-]+) \{\n(.*?)^\}`)
	bruURL    = regexp.MustCompile(`(?m)^  url: \{\{baseUrl\}\}(\S+)$`)
	bruStatus = regexp.MustCompile(`(?m)^  res\.status: (?:eq|in) ([0-9, ]+)$`)
	pathParam = regexp.MustCompile(`\\\{[a-z]+\\\}`) // as quoted by QuoteMeta
	bruVars   = map[string]string{"{{alertId}}": "b1", "{{connectionId}}": "C00000000001"}
)

// readBruno reads the requests of the collection.
func readBruno(t *testing.T) (out []bruRequest) {
	t.Helper()
	err := filepath.WalkDir("../../bruno", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "node_modules" || d.Name() == "environments"):
			return fs.SkipDir
		case filepath.Ext(path) != ".bru" || d.Name() == "folder.bru":
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		r := bruRequest{file: path}
		for _, b := range bruBlock.FindAllStringSubmatch(string(text), -1) {
			switch name, content := b[1], b[2]; name {
			case "get", "post", "put", "patch", "delete":
				r.method = strings.ToUpper(name)
				if u := bruURL.FindStringSubmatch(content); u != nil {
					r.target = u[1]
				}
			case "headers":
				for _, line := range strings.Split(strings.TrimSpace(content), "\n") {
					k, v, _ := strings.Cut(strings.TrimSpace(line), ": ")
					r.headers = append(r.headers, k, v)
				}
			case "body:json":
				r.headers = append(r.headers, "Content-Type", "application/json")
				r.body = content
			case "body:text":
				r.body = content
			case "assert":
				if s := bruStatus.FindStringSubmatch(content); s != nil {
					for _, n := range strings.Split(s[1], ",") {
						status, _ := strconv.Atoi(strings.TrimSpace(n))
						r.statuses = append(r.statuses, status)
					}
				}
			}
		}
		for name, v := range bruVars {
			r.target = strings.ReplaceAll(r.target, name, v)
		}
		if r.method == "" || r.target == "" || len(r.statuses) == 0 || strings.Contains(r.target, "{{") {
			t.Errorf("%s: method %q, target %q, statuses %v", path, r.method, r.target, r.statuses)
		}
		out = append(out, r)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// Every route has a request that succeeds and, if it has parameters, one that is rejected.
// Every request belongs to a route and receives the status that it asserts.
func TestBrunoCollectionAndRoutesAgree(t *testing.T) {
	f := newFixture(t, nil)
	succeeded, rejected := map[string]bool{}, map[string]bool{}
	for _, r := range readBruno(t) {
		res := f.raw(r.method, r.target, r.body, r.headers...)
		if !slices.Contains(r.statuses, res.StatusCode) {
			t.Errorf("%s: status %d, asserted %v: %.300s", r.file, res.StatusCode, r.statuses, res.body)
		}
		u, err := url.Parse(r.target)
		if err != nil {
			t.Fatal(err)
		}
		route := match(f.server.Routes(), r.method, u.Path)
		switch {
		case res.StatusCode < 300:
			succeeded[route] = true
		case route != "":
			rejected[route] = true
		}
		if route == "" && res.StatusCode != 404 && res.StatusCode != 405 {
			t.Errorf("%s: no route for %s %s", r.file, r.method, u.Path)
		}
	}
	for _, route := range f.server.Routes() {
		if !succeeded[route] {
			t.Errorf("%s has no request that succeeds", route)
		}
		if !rejected[route] && (strings.Contains(route, "{") || strings.HasSuffix(route, "alerts") || strings.HasSuffix(route, "connections")) {
			t.Errorf("%s has no request that is rejected", route)
		}
	}
}

// match returns the route of a path, or "".
func match(routes []string, method, path string) string {
	for _, r := range routes {
		m, pattern, _ := strings.Cut(r, " ")
		re := regexp.MustCompile("^" + pathParam.ReplaceAllString(regexp.QuoteMeta(pattern), "[^/]+") + "$")
		if m == method && re.MatchString(path) {
			return r
		}
	}
	return ""
}
