package wire

import "github.com/netlyra/netlyra/internal/models"

// AppendConnection appends the JSON object of netlyra.connections, byte for byte as
// encoding/json would, but without reflection: connections are published often, at each
// change of state and at intervals.
func AppendConnection(dst []byte, c *models.Connection) []byte {
	dst = append(dst, `{"id":`...)
	dst = appendString(dst, c.ID)
	dst = append(dst, `,"ts":`...)
	dst = AppendTimestamp(dst, c.TS)
	dst = append(dst, `,"last_ts":`...)
	dst = AppendTimestamp(dst, c.LastTS)
	dst = appendTextField(dst, `,"src_ip":`, c.SrcIP)
	dst = appendNumberField(dst, `,"src_port":`, uint64(c.SrcPort))
	dst = appendTextField(dst, `,"dst_ip":`, c.DstIP)
	dst = appendNumberField(dst, `,"dst_port":`, uint64(c.DstPort))
	dst = appendTextField(dst, `,"proto":`, c.Proto)
	dst = appendTextField(dst, `,"state":`, c.State)
	dst = appendTextField(dst, `,"phase":`, c.Phase)
	dst = appendTextField(dst, `,"history":`, c.History)
	dst = appendTextUnlessEmpty(dst, `,"service":`, c.Service)
	dst = appendNumberField(dst, `,"orig_packets":`, c.OrigPackets)
	dst = appendNumberField(dst, `,"orig_bytes":`, c.OrigBytes)
	dst = appendNumberField(dst, `,"orig_ip_bytes":`, c.OrigIPBytes)
	dst = appendNumberField(dst, `,"resp_packets":`, c.RespPackets)
	dst = appendNumberField(dst, `,"resp_bytes":`, c.RespBytes)
	dst = appendNumberField(dst, `,"resp_ip_bytes":`, c.RespIPBytes)
	dst = appendNumberField(dst, `,"missed_bytes":`, c.MissedBytes)
	dst = append(dst, `,"duration":`...)
	dst = appendFloat(dst, c.Duration)
	dst = appendTextUnlessEmpty(dst, `,"tunnel":`, c.Tunnel)
	dst = appendTextUnlessEmpty(dst, `,"parent":`, c.Parent)
	if c.VLAN != 0 {
		dst = appendNumberField(dst, `,"vlan":`, uint64(c.VLAN))
	}
	if c.InnerVLAN != 0 {
		dst = appendNumberField(dst, `,"inner_vlan":`, uint64(c.InnerVLAN))
	}
	dst = appendTextUnlessEmpty(dst, `,"community_id":`, c.Community)
	dst = appendTextUnlessEmpty(dst, `,"server_name":`, c.SNI)
	dst = appendTextUnlessEmpty(dst, `,"ja4":`, c.JA4)
	return append(dst, '}')
}

func appendTextField(dst []byte, name, s string) []byte {
	return appendString(append(dst, name...), s)
}

func appendTextUnlessEmpty(dst []byte, name, s string) []byte {
	if s == "" {
		return dst
	}
	return appendTextField(dst, name, s)
}

func appendNumberField(dst []byte, name string, n uint64) []byte {
	return appendUint(append(dst, name...), n)
}
