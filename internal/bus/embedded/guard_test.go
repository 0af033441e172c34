package embedded

import (
	"context"
	"errors"
	"io"
	"math"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"github.com/twmb/franz-go/pkg/sasl"
	"github.com/twmb/franz-go/pkg/sasl/plain"
	"github.com/twmb/franz-go/pkg/sasl/scram"

	"github.com/netlyra/netlyra/internal/bus/embedded/frames"
	"github.com/netlyra/netlyra/internal/bus/embedded/guard"
)

// TestReportedFrames checks reported faults: a frame of 14 bytes ended the process, and four HTTP
// requests allocated 4.6 GB.
func TestReportedFrames(t *testing.T) {
	b := start(t, testConfig(t.TempDir()))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for _, text := range []string{
		"\x00\x00\x00\x0a\x03\xe7\x00\x00\x00\x00\x00\x01\xff\xff", "GET / HTTP/1.1\r\n\r\n", "POST / HTTP/1.1\r\n\r\n", "PUT / HTTP/1.1\r\n\r\n", "HEAD / HTTP/1.1\r\n\r\n",
	} {
		c, err := net.Dial("tcp", b.Addr())
		if err != nil {
			t.Fatal(err)
		}
		_ = c.SetDeadline(time.Now().Add(10 * time.Second))
		_, _ = io.WriteString(c, text)
		if _, err := io.ReadAll(c); errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("%q: connection was not closed", text[:4])
		}
		_ = c.Close()
	}
	answers(t, b.Addr())
	runtime.ReadMemStats(&after)
	if n := after.TotalAlloc - before.TotalAlloc; n > 64<<20 {
		t.Errorf("allocated %d MiB", n>>20)
	}
}

// ask sends a request in its version and returns the answer.
func ask[R kmsg.Response](t *testing.T, addr string, req kmsg.Request) R {
	t.Helper()
	cl := client(t, addr)
	defer cl.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	resp, err := cl.Request(ctx, req)
	if err != nil {
		t.Fatal(err)
	}
	return resp.(R)
}

// TestInvalidRequests checks the errors of well-formed requests that would make kfake panic or
// access files elsewhere.
func TestInvalidRequests(t *testing.T) {
	dir := t.TempDir()
	b := start(t, testConfig(filepath.Join(dir, "data")))
	create := func(name string, partitions int32, config ...string) int16 {
		req := kmsg.NewPtrCreateTopicsRequest()
		topic := kmsg.NewCreateTopicsRequestTopic()
		topic.Topic, topic.NumPartitions, topic.ReplicationFactor = name, partitions, 1
		for i := 0; i+1 < len(config); i += 2 {
			topic.Configs = append(topic.Configs, kmsg.CreateTopicsRequestTopicConfig{Name: config[i], Value: &config[i+1]})
		}
		req.Topics = append(req.Topics, topic)
		return ask[*kmsg.CreateTopicsResponse](t, b.Addr(), req).Topics[0].ErrorCode
	}
	if code := create("valid", 2, "cleanup.policy", "compact", "segment.bytes", "65536", "flush.ms", "1000"); code != 0 {
		t.Fatalf("valid topic: %v", kerr.ErrorForCode(code))
	}
	for _, name := range []string{"", ".", "..", "../../escaped", "a/b", "a\x00b", "a b", strings.Repeat("x", 250), "ä"} {
		if code := create(name, 1); code != kerr.InvalidTopicException.Code {
			t.Errorf("topic %q: %v", name, kerr.ErrorForCode(code))
		}
	}
	for _, n := range []int32{maxPartitions + 1, 1 << 24, math.MaxInt32} {
		if code := create("many", n); code != kerr.InvalidPartitions.Code {
			t.Errorf("%d partitions: %v", n, kerr.ErrorForCode(code))
		}
		req := kmsg.NewPtrCreatePartitionsRequest()
		req.Topics = []kmsg.CreatePartitionsRequestTopic{{Topic: "valid", Count: n}}
		if code := ask[*kmsg.CreatePartitionsResponse](t, b.Addr(), req).Topics[0].ErrorCode; code != kerr.InvalidPartitions.Code {
			t.Errorf("increase to %d partitions: %v", n, kerr.ErrorForCode(code))
		}
	}
	for _, c := range [][2]string{{"segment.bytes", "1"}, {"segment.bytes", "-1"}, {"max.message.bytes", "2147483647"}, {"retention.ms", "soon"}} {
		if code := create("set", 1, c[0], c[1]); code != kerr.InvalidConfig.Code {
			t.Errorf("%s=%s: %v", c[0], c[1], kerr.ErrorForCode(code))
		}
	}
	interval := "-1" // kfake creates a ticker with this interval, which panics
	alter := kmsg.NewPtrIncrementalAlterConfigsRequest()
	alter.Resources = []kmsg.IncrementalAlterConfigsRequestResource{{ResourceType: kmsg.ConfigResourceTypeBroker, Configs: []kmsg.IncrementalAlterConfigsRequestResourceConfig{{Name: "log.cleaner.backoff.ms", Value: &interval}}}}
	if code := ask[*kmsg.IncrementalAlterConfigsResponse](t, b.Addr(), alter).Resources[0].ErrorCode; code != kerr.PolicyViolation.Code {
		t.Errorf("setting of the broker: %v", kerr.ErrorForCode(code))
	}
	for _, protocols := range [][]kmsg.JoinGroupRequestProtocol{nil, {{Name: "range"}, {Name: "range"}}} {
		join := kmsg.NewPtrJoinGroupRequest()
		join.Group, join.SessionTimeoutMillis, join.ProtocolType, join.Protocols = "g", 6000, "consumer", protocols
		if code := ask[*kmsg.JoinGroupResponse](t, b.Addr(), join).ErrorCode; code != kerr.InconsistentGroupProtocol.Code {
			t.Errorf("protocols %v: %v", protocols, kerr.ErrorForCode(code))
		}
	}
	if list, _ := os.ReadDir(dir); len(list) != 1 {
		t.Errorf("files next to the data directory: %v", list)
	}
	answers(t, b.Addr())
}

// TestInvalidLengthOfRecord checks a reported fault: a batch with a negative length of a record
// was accepted, and ended the process at a search by time or at the next compaction.
func TestInvalidLengthOfRecord(t *testing.T) {
	cfg := testConfig(t.TempDir())
	b := start(t, cfg)
	if err := b.Cluster().CreateTopic("t", 1, map[string]string{"cleanup.policy": "compact"}); err != nil {
		t.Fatal(err)
	}
	r := kmsg.NewRecord()
	r.Length, r.Key = -40, []byte("k")
	rb := kmsg.RecordBatch{Magic: 2, ProducerID: -1, ProducerEpoch: -1, FirstSequence: -1, NumRecords: 1, Records: r.AppendTo(nil)}
	for _, batch := range []kmsg.RecordBatch{rb, {Magic: 2, ProducerID: 7, ProducerEpoch: -1, NumRecords: 1, Records: rb.Records}} {
		req := kmsg.NewPtrProduceRequest()
		req.Acks, req.Topics = -1, []kmsg.ProduceRequestTopic{{Topic: "t", Partitions: []kmsg.ProduceRequestTopicPartition{{Records: frames.Seal(batch.AppendTo(nil))}}}}
		resp := ask[*kmsg.ProduceResponse](t, b.Addr(), req)
		if code := resp.Topics[0].Partitions[0].ErrorCode; code != kerr.InvalidRecord.Code {
			t.Errorf("%v, want INVALID_RECORD", kerr.ErrorForCode(code))
		}
	}
	produce(t, b.Addr(), "t", "valid")
	list := kmsg.NewPtrListOffsetsRequest()
	list.ReplicaID, list.Topics = -1, []kmsg.ListOffsetsRequestTopic{{Topic: "t", Partitions: []kmsg.ListOffsetsRequestTopicPartition{{Timestamp: 1, CurrentLeaderEpoch: -1}}}}
	if p := ask[*kmsg.ListOffsetsResponse](t, b.Addr(), list).Topics[0].Partitions[0]; p.ErrorCode != 0 || p.Offset != 0 {
		t.Errorf("search by time: %+v", p)
	}
	b.Cluster().Compact()
}

// TestApiVersions checks that the broker reports exactly the requests that the guard accepts.
func TestApiVersions(t *testing.T) {
	b := start(t, testConfig(t.TempDir()))
	resp := ask[*kmsg.ApiVersionsResponse](t, b.Addr(), kmsg.NewPtrApiVersionsRequest())
	want := guard.Versions()
	for _, k := range resp.ApiKeys {
		if want[k.ApiKey] != [2]int16{k.MinVersion, k.MaxVersion} {
			t.Errorf("key %d: reports versions %d to %d, accepts %v", k.ApiKey, k.MinVersion, k.MaxVersion, want[k.ApiKey])
		}
		delete(want, k.ApiKey)
	}
	if len(want) > 0 {
		t.Errorf("accepted but not reported: %v", want)
	}
}

// TestAuthentication checks that the broker requires SCRAM on addresses other than loopback, and
// refuses requests without authentication.
func TestAuthentication(t *testing.T) {
	cfg := testConfig(t.TempDir())
	cfg.Listen, cfg.Advertise = "0.0.0.0:0", "127.0.0.1:1"
	if _, err := Start(t.Context(), cfg); err == nil || !strings.Contains(err.Error(), "KAFKA_SASL_USER") {
		t.Fatalf("without credentials: %v", err)
	}
	cfg.Login = Login{Mechanism: "plain", User: "u", Password: "correct horse"}
	if _, err := Start(t.Context(), cfg); err == nil || !strings.Contains(err.Error(), "scram") {
		t.Fatalf("with PLAIN: %v", err)
	}
	cfg.Login.Mechanism, cfg.Listen, cfg.Advertise = "scram-sha-256", "127.0.0.1:0", ""
	b := start(t, cfg)
	try := func(m sasl.Mechanism) error {
		opts := []kgo.Opt{kgo.SeedBrokers(b.Addr()), kgo.RequestRetries(0), kgo.RetryTimeout(time.Second)}
		if m != nil {
			opts = append(opts, kgo.SASL(m))
		}
		cl, err := kgo.NewClient(opts...)
		if err != nil {
			return err
		}
		defer cl.Close()
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		_, err = kmsg.NewPtrMetadataRequest().RequestWith(ctx, cl)
		return err
	}
	right, wrong := scram.Auth{User: "u", Pass: "correct horse"}, scram.Auth{User: "u", Pass: "correct hose"}
	for name, m := range map[string]sasl.Mechanism{
		"none": nil, "wrong password": wrong.AsSha256Mechanism(), "unknown user": scram.Auth{User: "x", Pass: "y"}.AsSha512Mechanism(),
		"PLAIN without a password": plain.Auth{User: "other", Pass: " "}.AsMechanism(), "PLAIN": plain.Auth{User: "u", Pass: "correct horse"}.AsMechanism(),
	} {
		if try(m) == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if err := errors.Join(try(right.AsSha256Mechanism()), try(right.AsSha512Mechanism())); err != nil {
		t.Error(err)
	}
	if s := b.Stats(); s.Refused[guard.Unauthenticated] == 0 {
		t.Errorf("%+v", s)
	}
	_ = b.Close()
	cfg.Login.Password = "another horse" // used from the next start; the old one is not kept on disk
	b = start(t, cfg)
	if try(right.AsSha256Mechanism()) == nil {
		t.Error("the password of the previous start is accepted")
	}
	if err := try(scram.Auth{User: "u", Pass: "another horse"}.AsSha256Mechanism()); err != nil {
		t.Error(err)
	}
}
