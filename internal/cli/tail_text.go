package cli

import (
	"fmt"
	"strings"

	"github.com/netlyra/netlyra/internal/models"
)

// textLine is a record in one line for a person.
func textLine(topic string, r *models.Record, f map[string]any, value []byte) string {
	switch topic {
	case "packets":
		return fmt.Sprintf("%s %s %s > %s %s len=%v entropy=%v", text(f["ts"]), text(f["proto"]),
			endpoint(f, "src"), endpoint(f, "dst"), text(f["tcp_flags"]), f["payload_len"], f["entropy"])
	case "alerts":
		return fmt.Sprintf("%s %-8s %.2f %-12s ×%v %s", text(f["ts"]), text(f["severity"]), f["score"],
			text(f["kind"]), f["count"], text(f["summary"]))
	case "connections":
		return fmt.Sprintf("%s %s %s > %s %s %s %s out=%v in=%v %.3fs", text(f["ts"]), text(f["proto"]),
			endpoint(f, "src"), endpoint(f, "dst"), text(f["state"]), text(f["phase"]), text(f["service"]),
			f["orig_bytes"], f["resp_bytes"], f["duration"])
	case "dead-letters":
		return letterLine(r)
	default:
		return string(value)
	}
}

// text is a field as text, "-" where it is absent.
func text(v any) string {
	if v == nil || v == "" {
		return "-"
	}
	return fmt.Sprint(v)
}

// endpoint is address and port of one end.
func endpoint(f map[string]any, end string) string {
	ip := text(f[end+"_ip"])
	if strings.Contains(ip, ":") {
		ip = "[" + ip + "]"
	}
	return fmt.Sprintf("%s:%v", ip, f[end+"_port"])
}
