package api

import (
	"mime"
	"strconv"
	"strings"
)

// accepts reports whether the Accept headers allow the media type kind (RFC 9110 section
// 12.5.1): the most specific matching range decides, and q=0 excludes it.
func accepts(headers []string, kind string) bool {
	all := strings.Join(headers, ",")
	if strings.TrimSpace(all) == "" {
		return true
	}
	group, _, _ := strings.Cut(kind, "/")
	best, allowed := 0, false
	for _, item := range strings.Split(all, ",") {
		got, params, err := mime.ParseMediaType(item)
		if err != nil {
			continue
		}
		specificity := map[string]int{"*/*": 1, group + "/*": 2, kind: 3}[got]
		if specificity <= best {
			continue
		}
		q, err := strconv.ParseFloat(params["q"], 64)
		best, allowed = specificity, params["q"] == "" || err == nil && q > 0
	}
	return allowed
}
