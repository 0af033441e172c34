package wire

import (
	"encoding/binary"

	"github.com/netlyra/netlyra/internal/models"
)

// name appends a packet's values in the columns of names.
func (e *PackedEncoder) name(f *models.NameFacts) {
	e.byte(colNameKind, f.Kind)
	e.fixed(colNameHash, f.Hash)
	e.fixed(colNameDomain, f.Domain)
	e.byte(colNameLen, f.Len)
	e.byte(colNameLabels, f.Labels)
	e.byte(colNameDomainLen, f.DomainLen)
	e.varint(colNameEntropy, uint64(f.Entropy))
	e.varint(colNameType, uint64(f.Type))
	e.byte(colNameCode, f.Code)
	e.byte(colNameAnswers, f.Answers)
	e.fixed(colNameJA4, f.JA4)
	text := appendTag(e.cols[colNameText], colNameText, wireBytes)
	text = binary.AppendUvarint(text, uint64(len(f.Text)))
	e.cols[colNameText] = append(text, f.Text...)
	e.used[colNameText] = e.used[colNameText] || f.Text != ""
	e.size += 36 + len(f.Text)
}

// name decodes a packet's values in the columns of names.
func (r *packedReader) name(f *models.NameFacts) {
	f.Kind = r.byte(colNameKind)
	f.Hash, f.Domain = r.fixed(colNameHash), r.fixed(colNameDomain)
	f.Len, f.Labels, f.DomainLen = r.byte(colNameLen), r.byte(colNameLabels), r.byte(colNameDomainLen)
	f.Entropy = uint16(r.below(colNameEntropy, models.MaxEntropy+1))
	f.Type = uint16(r.below(colNameType, 1<<16))
	f.Code, f.Answers = r.byte(colNameCode), r.byte(colNameAnswers)
	f.JA4 = r.fixed(colNameJA4)
	if f.Kind == models.NameNone || f.Kind >= models.NameKinds {
		r.fail(colNameKind, "no such kind")
	}
	if len(r.texts) > 0 {
		f.Text = r.texts[0]
		r.texts = r.texts[1:]
	} else if r.there[colNameText] {
		r.fail(colNameText, "has fewer values than packets")
	}
}
