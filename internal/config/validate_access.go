package config

import (
	"net/netip"
	"net/url"
	"regexp"
	"strings"
)

// basePath matches paths that need no escaping in URLs and HTML.
var basePath = regexp.MustCompile(`^(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*/?$`)

// checkAccess validates the settings of hosts, proxies and public URLs.
func (c *Config) checkAccess(report reporter) {
	for name, hosts := range map[string][]string{"API_ALLOWED_HOSTS": c.APIAllowedHosts, "WS_ALLOWED_ORIGINS": c.WSAllowedOrigins} {
		for _, h := range hosts {
			if h == "" || strings.ContainsAny(h, "*/ ") {
				report(name, "want host names or addresses; wildcards are not supported, because they would admit any web page")
			}
		}
	}
	for _, text := range c.TrustedProxies {
		_, err := netip.ParsePrefix(text)
		if _, err2 := netip.ParseAddr(text); err != nil && err2 != nil {
			report("TRUSTED_PROXIES", "want addresses or prefixes such as 10.0.0.0/8")
		}
	}
	if !basePath.MatchString(c.APIBasePath) {
		report("API_BASE_PATH", "want a path such as /netlyra")
	}
	if c.PublicURL != "" && !isURL(c.PublicURL, "http", "https") {
		report("PUBLIC_URL", "want http:// or https://, a host, and optionally a port and a path")
	}
	if c.PublicWSURL != "" && !isURL(c.PublicWSURL, "ws", "wss") {
		report("PUBLIC_WS_URL", "want ws:// or wss://, a host, and optionally a port and a path")
	}
}

func isURL(text string, schemes ...string) bool {
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || !basePath.MatchString(u.Path) {
		return false
	}
	return u.Scheme == schemes[0] || u.Scheme == schemes[1]
}
