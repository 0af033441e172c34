package record

import (
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/wire"
)

// Of converts a fetched record. Key and value are not copied.
func Of(r *kgo.Record) models.Record {
	m := models.Record{Topic: r.Topic, Partition: r.Partition, Offset: r.Offset, Timestamp: r.Timestamp.UnixNano(), Key: r.Key, Value: r.Value}
	for i := range r.Headers {
		switch h := &r.Headers[i]; h.Key {
		case models.HeaderContentType:
			m.ContentType = contentType(h.Value)
		case models.HeaderSequence:
			m.Sequence = wire.ParseSequence(h.Value)
		case models.HeaderRedriven:
			m.Redriven = count(h.Value)
		case headerOversized:
			m.Unreadable = string(h.Value)
		}
	}
	return m
}

// contentType converts the header's value without allocating for the known types.
func contentType(v []byte) string {
	switch string(v) {
	case models.ContentTypeJSON:
		return models.ContentTypeJSON
	case models.ContentTypePacked:
		return models.ContentTypePacked
	case models.ContentTypeTick:
		return models.ContentTypeTick
	}
	return string(v)
}
