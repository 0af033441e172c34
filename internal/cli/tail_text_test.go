package cli

import (
	"encoding/json"
	"testing"
)

// TestPacketLines are the lines of packets with what their messages state.
func TestPacketLines(t *testing.T) {
	for _, c := range [][2]string{
		{`{"ts":"T","src_ip":"10.0.0.1","dst_ip":"::1","src_port":50000,"dst_port":443,"proto":"TCP","payload_len":5,"tcp_flags":"ACK","entropy":1.5,"src_mac":"02:00:00:00:00:01"}`,
			"T TCP 10.0.0.1:50000 > [::1]:443 ACK len=5 entropy=1.5"},
		{`{"ts":"T","src_port":0,"dst_port":0,"proto":"STP","payload_len":0,"entropy":0,"src_mac":"02:00:00:00:00:01","dst_mac":"01:80:c2:00:00:00","hw_addr":"02:00:00:00:00:07"}`,
			"T STP 02:00:00:00:00:01 > 01:80:c2:00:00:00 - len=0 entropy=0 hw=02:00:00:00:00:07"},
		{`{"ts":"T","src_ip":"10.0.0.1","dst_ip":"10.0.0.2","src_port":50000,"dst_port":53,"proto":"UDP","payload_len":32,"entropy":3,"name":{"kind":"dns_query","hash":"654eb11a58fb5dfa","type":1}}`,
			"T UDP 10.0.0.1:50000 > 10.0.0.2:53 - len=32 entropy=3 dns_query=654eb11a58fb5dfa type=1"},
		{`{"ts":"T","src_ip":"10.0.0.1","dst_ip":"10.0.0.2","src_port":50000,"dst_port":443,"proto":"TCP","payload_len":9,"entropy":3,"name":{"kind":"tls","hash":"1","text":"a.example"}}`,
			"T TCP 10.0.0.1:50000 > 10.0.0.2:443 - len=9 entropy=3 tls=a.example"},
	} {
		var f map[string]any
		if err := json.Unmarshal([]byte(c[0]), &f); err != nil {
			t.Fatal(err)
		}
		if got := textLine("packets", nil, f, nil); got != c[1] {
			t.Errorf("got  %s\nwant %s", got, c[1])
		}
	}
}
