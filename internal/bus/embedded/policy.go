package embedded

import (
	"regexp"
	"slices"
	"strconv"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"
	"github.com/twmb/franz-go/pkg/kversion"

	"github.com/netlyra/netlyra/internal/bus/embedded/guard"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
)

// Limits of a single request.
const (
	maxPartitions = 1024   // partitions of a topic; same as for PACKETS_PARTITIONS
	maxTopics     = 100    // topics of a CreateTopics
	maxProtocols  = 32     // protocols of a member of a group
	maxMembers    = "1000" // members of a group
)

// topicName matches the names that Apache Kafka accepts (Topic.validate). kfake accepts every
// name, and creates a directory with it.
var topicName = regexp.MustCompile(`^[A-Za-z0-9._-]{1,249}$`)

func validTopic(name string) bool {
	return topicName.MatchString(name) && name != "." && name != ".."
}

func (b *Broker) guardConfig() guard.Config {
	c := guard.DefaultConfig()
	c.Connections, c.Login = b.cfg.MaxConnections, b.cfg.Login.User != ""
	if b.cfg.MaxRequestBytes > 0 {
		c.MaxRequest = b.cfg.MaxRequestBytes
	}
	c.Event = func(e guard.Event) {
		if e.Err != nil {
			b.cfg.Log.Error("embedded broker cannot accept connections; retrying", vocabulary.EventBrokerAcceptFailed.Attr(), "err", e.Err)
			return
		}
		b.cfg.Log.Warn("embedded broker refused a client", vocabulary.EventBrokerClientRefused.Attr(), "reason", string(e.Reason), "peer", e.Peer, "detail", e.Detail)
	}
	return c
}

// Stats returns the counters of connections, requests and refusals.
func (b *Broker) Stats() guard.Stats { return b.guard.Stats() }

// guardRequests refuses well-formed requests that would make kfake panic, allocate without a
// limit or access files elsewhere. Package guard checks the form of requests; the checks here
// concern the meaning of fields.
func (b *Broker) guardRequests() {
	refuse := func(err *kerr.Error, when func(kmsg.Request) bool, keys ...kmsg.Key) {
		b.cluster.Fault(kfake.Fault{Keys: keys, Err: err, Count: -1, When: when})
	}
	refuse(kerr.InvalidTopicException, badTopics, kmsg.CreateTopics)
	refuse(kerr.InvalidPartitions, tooManyPartitions, kmsg.CreateTopics, kmsg.CreatePartitions)
	refuse(kerr.InvalidConfig, b.badConfigs, kmsg.CreateTopics)
	refuse(kerr.PolicyViolation, b.badConfigs, kmsg.AlterConfigs, kmsg.IncrementalAlterConfigs)
	refuse(kerr.InconsistentGroupProtocol, badProtocols, kmsg.JoinGroup)
	b.cluster.ControlKey(int16(kmsg.ApiVersions), func(req kmsg.Request) (kmsg.Response, error, bool) {
		b.cluster.KeepControl()
		return versions(req.(*kmsg.ApiVersionsRequest)), nil, true
	})
}

func badTopics(req kmsg.Request) bool {
	r := req.(*kmsg.CreateTopicsRequest)
	return len(r.Topics) > maxTopics || slices.ContainsFunc(r.Topics, func(t kmsg.CreateTopicsRequestTopic) bool { return !validTopic(t.Topic) })
}

func tooManyPartitions(req kmsg.Request) bool {
	switch r := req.(type) {
	case *kmsg.CreateTopicsRequest:
		return slices.ContainsFunc(r.Topics, func(t kmsg.CreateTopicsRequestTopic) bool {
			return max(int(t.NumPartitions), len(t.ReplicaAssignment)) > maxPartitions
		})
	case *kmsg.CreatePartitionsRequest:
		return slices.ContainsFunc(r.Topics, func(t kmsg.CreatePartitionsRequestTopic) bool { return t.Count > maxPartitions })
	}
	return false
}

// badConfigs reports whether a request changes settings of the broker, which only this package
// sets, or gives a topic an invalid setting: one that is unknown, or that would make the broker
// open a file for each record.
func (b *Broker) badConfigs(req kmsg.Request) bool {
	switch r := req.(type) {
	case *kmsg.CreateTopicsRequest:
		for _, t := range r.Topics {
			for _, c := range t.Configs {
				if !b.validConfig(c.Name, c.Value) {
					return true
				}
			}
		}
	case *kmsg.AlterConfigsRequest:
		for _, res := range r.Resources {
			for _, c := range res.Configs {
				if res.ResourceType != kmsg.ConfigResourceTypeTopic || !b.validConfig(c.Name, c.Value) {
					return true
				}
			}
		}
	case *kmsg.IncrementalAlterConfigsRequest:
		for _, res := range r.Resources {
			if res.ResourceType != kmsg.ConfigResourceTypeTopic {
				return true
			}
			for _, c := range res.Configs {
				if c.Op != kmsg.IncrementalAlterConfigOpDelete && !b.validConfig(c.Name, c.Value) {
					return true
				}
			}
		}
	}
	return false
}

// topicConfigs are the topic settings that kfake implements, with the minimum and the maximum
// of those that are numbers.
var topicConfigs = map[string][2]int64{
	"cleanup.policy": {}, "compression.type": {}, "message.timestamp.type": {},
	"delete.retention.ms": {0, 1 << 62}, "min.insync.replicas": {1, 1 << 15}, "retention.bytes": {-1, 1 << 62}, "retention.ms": {-1, 1 << 62},
	"segment.bytes": {1 << 16, 1 << 30}, "segment.ms": {1, 1 << 62}, "max.message.bytes": {0, 1 << 30},
}

// validConfig reports whether a topic may have the setting. Settings that Kafka has and kfake
// does not implement are stored without effect, up to a length.
func (b *Broker) validConfig(name string, value *string) bool {
	if len(name) > 249 || value != nil && len(*value) > 1<<10 {
		return false
	}
	bounds, known := topicConfigs[name]
	if !known || bounds[1] == 0 || value == nil {
		return name != "kfake.is_internal"
	}
	n, err := strconv.ParseInt(*value, 10, 64)
	most := bounds[1]
	if name == "max.message.bytes" {
		most = int64(b.guardConfig().MaxRequest)
	}
	return err == nil && n >= bounds[0] && n <= most
}

// badProtocols reports whether a member has no protocol, too many, or one twice; kfake panics on
// duplicates and on none.
func badProtocols(req kmsg.Request) bool {
	r := req.(*kmsg.JoinGroupRequest)
	if len(r.Protocols) == 0 || len(r.Protocols) > maxProtocols {
		return true
	}
	for i := range r.Protocols {
		for j := range i {
			if r.Protocols[i].Name == r.Protocols[j].Name {
				return true
			}
		}
	}
	return false
}

// versions returns an answer with the requests that the guard accepts, instead of all that
// kfake implements. The features are those of the release that kfake implements (KIP-584).
func versions(req *kmsg.ApiVersionsRequest) *kmsg.ApiVersionsResponse {
	resp := req.ResponseKind().(*kmsg.ApiVersionsResponse)
	served := guard.Versions()
	keys := make([]int16, 0, len(served))
	for key := range served {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	if own := served[int16(kmsg.ApiVersions)]; req.Version > own[1] { // KIP-511
		resp.Version, resp.ErrorCode, keys = 0, kerr.UnsupportedVersion.Code, []int16{int16(kmsg.ApiVersions)}
	}
	for _, key := range keys {
		k := kmsg.NewApiVersionsResponseApiKey()
		k.ApiKey, k.MinVersion, k.MaxVersion = key, served[key][0], served[key][1]
		resp.ApiKeys = append(resp.ApiKeys, k)
	}
	release := kversion.Stable()
	release.EachSupportedFeature(func(name string, least, most int16) {
		f := kmsg.NewApiVersionsResponseSupportedFeature()
		f.Name, f.MinVersion, f.MaxVersion = name, least, most
		resp.SupportedFeatures = append(resp.SupportedFeatures, f)
	})
	release.EachFinalizedFeature(func(name string, level int16) {
		if level == 0 {
			return
		}
		f := kmsg.NewApiVersionsResponseFinalizedFeature()
		f.Name, f.MinVersionLevel, f.MaxVersionLevel = name, level, level
		resp.FinalizedFeatures = append(resp.FinalizedFeatures, f)
		resp.FinalizedFeaturesEpoch = 1
	})
	return resp
}
