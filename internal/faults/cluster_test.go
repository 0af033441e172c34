package faults_test

import (
	"context"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/netlyra/netlyra/internal/faults"
	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
)

// admin returns an admin client of the broker.
func admin(t *testing.T, r *faults.Rig) (*kadm.Client, context.Context) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	t.Cleanup(cancel)
	return kadm.NewClient(dial(t, r.Address)), ctx
}

// grow adds partitions to topics, as kafka-topics.sh --alter does.
func grow(t *testing.T, r *faults.Rig, partitions int, topics ...string) {
	t.Helper()
	adm, ctx := admin(t, r)
	resp, err := adm.UpdatePartitions(ctx, partitions, topics...)
	if err == nil {
		err = resp.Error()
	}
	if err != nil {
		t.Fatal(err)
	}
}

// alter sets a configuration of topics, as kafka-configs.sh --alter does.
func alter(t *testing.T, r *faults.Rig, key, value string, topics ...string) {
	t.Helper()
	adm, ctx := admin(t, r)
	resp, err := adm.AlterTopicConfigs(ctx, []kadm.AlterConfig{{Op: kadm.SetConfig, Name: key, Value: &value}}, topics...)
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range resp {
		if one.Err != nil {
			t.Fatal(one.Err)
		}
	}
}

// packetPartitions returns the number of non-empty partitions of the packets topic.
func packetPartitions(t *testing.T, r *faults.Rig) (used int) {
	t.Helper()
	adm, ctx := admin(t, r)
	ends, err := adm.ListEndOffsets(ctx, models.TopicPackets)
	if err != nil {
		t.Fatal(err)
	}
	ends.Each(func(o kadm.ListedOffset) {
		if o.Offset > 0 {
			used++
		}
	})
	return used
}

// wantRunning fails if a process has exited without being stopped by the test.
func wantRunning(t *testing.T, r *faults.Rig) {
	t.Helper()
	for _, p := range append(r.Engines, r.Core, r.Broker) {
		if p != nil && !p.Running() {
			t.Errorf("%s exited:\n%s", p.Name, p.Stderr.String())
		}
	}
}

// TestPartitionsGrow adds partitions to the packets topic under load. An engine
// is killed before and after each change. -runs repeats that.
func TestPartitionsGrow(t *testing.T) {
	for _, encoding := range []string{"json", "packed"} {
		t.Run(encoding, func(t *testing.T) {
			t.Parallel()
			ref := office(t)
			cfg := config()
			cfg.Partitions, cfg.Encoding, cfg.Engines = 1, encoding, 0
			r := faults.New(t, cfg)
			engine := r.StartEngine(r.Address)
			at := moments(t, 2+*runs)
			replay := r.Replay(ref.Capture, rate(ref, lasting(len(at)+1)))
			partitions := 1
			for i, share := range at {
				r.WaitTaken(uint64(share * float64(ref.Packets)))
				if i%3 == 2 {
					engine.Kill()
				}
				partitions += 2
				grow(t, r, partitions, models.TopicPackets)
				if i%3 == 1 {
					engine.Kill()
				}
				if !engine.Running() {
					engine = r.StartEngine(r.Address)
				}
			}
			r.Check(replay, ref)
			if n := packetPartitions(t, r); n < 3 {
				t.Errorf("packets went to %d partitions of %d", n, partitions)
			}
		})
	}
}

// TestPartitionsGrowAtRest adds partitions while no producer writes: a later replay is
// scored by engines that were running before, and by restarted ones.
func TestPartitionsGrowAtRest(t *testing.T) {
	t.Parallel()
	ref := office(t)
	cfg := config()
	cfg.Partitions, cfg.Engines = 1, 1
	r := faults.New(t, cfg)
	waitMembers(t, r, 1)
	grow(t, r, 3, models.TopicPackets)
	replay := r.Replay(ref.Capture, rate(ref, 3*time.Second))
	r.WaitTaken(ref.Packets / 2)
	r.Engines[0].Stop(30 * time.Second)
	r.StartEngine(r.Address)
	r.Check(replay, ref)
}

// TestAllTopicsGrow adds partitions to every topic.
func TestAllTopicsGrow(t *testing.T) {
	t.Parallel()
	ref := office(t)
	cfg := config()
	cfg.Engines = 0
	r := faults.New(t, cfg)
	engine := r.StartEngine(r.Address)
	replay := r.Replay(ref.Capture, rate(ref, lasting(3)))
	r.WaitTaken(ref.Packets / 4)
	grow(t, r, max(4, *partitions+1), models.TopicPackets, models.TopicAlerts, models.TopicConnections, models.TopicCheckpoints,
		models.TopicScores, models.TopicStats, models.TopicDeadLetters)
	r.WaitTaken(ref.Packets / 2)
	engine.Kill()
	r.StartEngine(r.Address)
	r.Check(replay, ref)
	wantRunning(t, &faults.Rig{Core: r.Core, Broker: r.Broker})
}

// TestUpGrows adds partitions under netlyra up, kills it and restarts it with its
// replay from the beginning, which then distributes the same packets over more partitions.
func TestUpGrows(t *testing.T) {
	t.Parallel()
	ref := office(t)
	at := moments(t, 2**runs)
	cfg := config()
	cfg.Partitions, cfg.Env = 1, map[string]string{"PACKETS_PRODUCER": "the office"}
	r := faults.AllInOne(t, cfg)
	speed := sharedLength.Seconds() / 6
	up := r.StartUp(ref.Capture, speed)
	for i, share := range at {
		r.WaitTaken(uint64(share * float64(ref.Packets)))
		r.Address = up.BrokerAddress()
		grow(t, r, 3+2*i, models.TopicPackets)
		r.WaitTaken(min(uint64((share+0.15)*float64(ref.Packets)), ref.Packets))
		up.Kill()
		up = r.StartUp(ref.Capture, speed)
	}
	r.CheckTaken(ref)
	r.CheckStored(ref)
	r.CheckProcesses()
}

// TestMessageLimitsChange lowers and raises the maximum batch size of all topics under load.
func TestMessageLimitsChange(t *testing.T) {
	t.Parallel()
	ref := office(t)
	r := faults.New(t, config())
	all := []string{models.TopicPackets, models.TopicAlerts, models.TopicConnections, models.TopicCheckpoints, models.TopicStats, models.TopicScores}
	replay := r.Replay(ref.Capture, rate(ref, lasting(3)))
	for i, limit := range []int{64 << 10, 16 << 10, 1 << 20} {
		r.WaitTaken(ref.Packets * uint64(i+1) / 5)
		alter(t, r, "max.message.bytes", strconv.Itoa(limit), all...)
	}
	r.Check(replay, ref)
}

// TestRetentionShrinks lowers the retention of the packets topic, by size or by age, and then
// makes the engine slower than the replay: back-pressure must follow the new retention, and
// no unread record may be removed.
func TestRetentionShrinks(t *testing.T) {
	for name, settings := range map[string]map[string]string{
		"bytes": {"segment.bytes": "262144", "retention.bytes": strconv.Itoa(3 << 20)},
		"age":   {"segment.bytes": "262144", "retention.ms": "6000"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ref := office(t)
			r, net := behind(t)
			replay := r.Replay(ref.Capture, rate(ref, 5*time.Second))
			r.WaitTaken(ref.Packets / 10)
			for key, value := range settings {
				alter(t, r, key, value, models.TopicPackets)
			}
			r.WaitTaken(ref.Packets / 3)
			net.Slow(0, 500<<10)
			r.WaitTaken(ref.Packets * 3 / 4)
			net.Heal()
			r.Check(replay, ref)
		})
	}
}

// TestBrokerMoves restarts the broker at another address, and again at the first one. Both
// are configured, so all clients must find it.
func TestBrokerMoves(t *testing.T) {
	t.Parallel()
	ref := office(t)
	at := moments(t, 2**runs)
	cfg := config()
	places := []string{"127.0.0.1:" + faults.FreePort(t), "127.0.0.1:" + faults.FreePort(t)}
	cfg.Address, cfg.Env = places[0], map[string]string{"KAFKA_BROKERS": places[0] + "," + places[1]}
	r := faults.New(t, cfg)
	replay := r.Replay(ref.Capture, rate(ref, lasting(len(at)+1)))
	for i, share := range at {
		r.WaitTaken(uint64(share * float64(ref.Packets)))
		r.Broker.Stop(30 * time.Second)
		r.Address = places[(i+1)%2]
		r.StartBroker()
	}
	r.Check(replay, ref)
}

// TestTopicRecreated deletes and recreates the packets topic under load, with the same, a
// larger or a smaller number of partitions. Its unread records are lost: the engine must log
// an event and continue with the same model, and the ledger must count the missing packets.
// No process may exit, and a restarted engine must continue too.
func TestTopicRecreated(t *testing.T) {
	for _, parts := range [][2]int{{1, 1}, {1, 3}, {3, 3}, {3, 1}} {
		t.Run(strconv.Itoa(parts[0])+" to "+strconv.Itoa(parts[1]), func(t *testing.T) {
			t.Parallel()
			ref := office(t)
			cfg := config()
			cfg.Partitions, cfg.Engines = parts[0], 0
			r := faults.New(t, cfg)
			engine := r.StartEngine(r.Address)
			replay := r.Replay(ref.Capture, rate(ref, lasting(3)))
			r.WaitTaken(ref.Packets / 3)
			before := r.Taken()
			remake(t, r, parts[1], models.TopicPackets)
			faults.Eventually(t, time.Minute, "packets of the new topic are scored", func() bool { return r.Taken() > before+ref.Packets/20 })
			engine.Logs(time.Minute, vocabulary.EventPacketsTopicRecreated)
			wantRunning(t, r)
			engine.Kill()
			r.StartEngine(r.Address)
			r.Published(replay)
			l := r.AtRest()
			var taken, missing uint64
			for _, lane := range l.Lanes {
				taken, missing = taken+lane.Packets, missing+lane.Missing
				if lane.Held != 0 {
					t.Errorf("lane %d holds %d packets", lane.Lane, lane.Held)
				}
			}
			if taken+missing != ref.Packets || taken < ref.Packets/2 {
				t.Errorf("%d packets processed and %d missing, want %d in total", taken, missing, ref.Packets)
			}
			wantRunning(t, &faults.Rig{Core: r.Core, Broker: r.Broker})
			r.CheckProcesses()
		})
	}
}

// TestOtherTopicsRecreated deletes and recreates the topics whose records are written again
// or are only displayed: checkpoints, scores, stats and dead letters. Alerts and counts must
// be unaffected.
func TestOtherTopicsRecreated(t *testing.T) {
	t.Parallel()
	ref := office(t)
	cfg := config()
	cfg.Engines = 0
	r := faults.New(t, cfg)
	engine := r.StartEngine(r.Address)
	replay := r.Replay(ref.Capture, rate(ref, lasting(3)))
	r.WaitTaken(ref.Packets / 3)
	for _, topic := range []string{models.TopicCheckpoints, models.TopicScores, models.TopicStats, models.TopicDeadLetters} {
		remake(t, r, 1, topic)
	}
	r.WaitTaken(ref.Packets * 2 / 3)
	wantCheckpoint(t, r)
	engine.Kill()
	r.StartEngine(r.Address)
	r.Check(replay, ref)
	wantRunning(t, &faults.Rig{Core: r.Core, Broker: r.Broker})
}

// wantCheckpoint waits until the topic contains a checkpoint.
func wantCheckpoint(t *testing.T, r *faults.Rig) {
	t.Helper()
	faults.Eventually(t, 20*time.Second, "a checkpoint", func() bool {
		for _, rec := range readAll(t, r.Address, models.TopicCheckpoints) {
			if strings.HasSuffix(string(rec.Key), "/head") {
				return true
			}
		}
		return false
	})
}

// remake deletes a topic and recreates it with its configuration.
func remake(t *testing.T, r *faults.Rig, partitions int, topic string) {
	t.Helper()
	adm, ctx := admin(t, r)
	had, err := adm.DescribeTopicConfigs(ctx, topic)
	if err != nil {
		t.Fatal(err)
	}
	configs := map[string]*string{}
	for _, kv := range had[0].Configs {
		if kv.Source == kmsg.ConfigSourceDynamicTopicConfig {
			configs[kv.Key] = kv.Value
		}
	}
	if resp, err := adm.DeleteTopics(ctx, topic); err != nil || resp.Error() != nil {
		t.Fatal(err, resp.Error())
	}
	if resp, err := adm.CreateTopic(ctx, int32(partitions), 1, configs, topic); err != nil || resp.Err != nil {
		t.Fatal(err, resp.Err)
	}
}
