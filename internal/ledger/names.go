package ledger

import (
	"strings"

	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
)

// oldStages are the stage names of earlier versions, which saved ledgers and processes of
// these versions contain.
var oldStages = map[string]string{
	"send alerts":        vocabulary.StageSendAlerts,
	"send connections":   vocabulary.StageSendConnections,
	"record alerts":      vocabulary.StageRecordAlerts,
	"record connections": vocabulary.StageRecordConnections,
}

// oldReasons are the drop reasons of these versions whose identifier is not the old text
// in snake_case.
var oldReasons = map[string]string{
	"lost by the kernel":    vocabulary.DropKernel,
	"publish buffer full":   vocabulary.DropPublishBufferFull,
	"engine too far behind": vocabulary.DropPublishEngineLag,
	"refused by the broker": vocabulary.DropPublishRefused,
}

// stageCode returns the identifier of a stage that may have an old name.
func stageCode(name string) string {
	if code, ok := oldStages[name]; ok {
		return code
	}
	return name
}

// reasonCode returns the identifier of a drop reason that may have an old name.
func reasonCode(name string) string {
	if isCode(name) {
		return name
	}
	if code, ok := oldReasons[name]; ok {
		return code
	}
	words := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return !isCodeByte(r) })
	return strings.Join(words, "_")
}

func isCode(name string) bool {
	return strings.IndexFunc(name, func(r rune) bool { return !isCodeByte(r) }) < 0
}

func isCodeByte(r rune) bool { return r == '_' || 'a' <= r && r <= 'z' || '0' <= r && r <= '9' }

// withCodes returns the counts under current identifiers. It changes none of them in
// place, and copies only where a name is old.
func withCodes(all []models.StageCounts) []models.StageCounts {
	old := false
	for i := range all {
		old = old || hasOldName(&all[i])
	}
	if !old {
		return all
	}
	out := make([]models.StageCounts, len(all))
	for i, c := range all {
		c.Stage = stageCode(c.Stage)
		dropped := make(map[string]uint64, len(c.Dropped))
		for reason, n := range c.Dropped {
			dropped[reasonCode(reason)] += n
		}
		c.Dropped = dropped
		out[i] = c
	}
	return out
}

func hasOldName(c *models.StageCounts) bool {
	if !isCode(c.Stage) {
		return true
	}
	for reason := range c.Dropped {
		if !isCode(reason) {
			return true
		}
	}
	return false
}
