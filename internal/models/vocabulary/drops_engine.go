package vocabulary

// Drop reasons of the stages consume, score and alert. DropUnreadable is also one of the
// record stages.
const (
	DropUnreadable   = "unreadable"
	DropDuplicate    = "duplicate"
	DropWarmUp       = "warm_up"
	DropNotPublished = "not_published"
	DropOther        = "other"
)

// EngineDrops describes the drop reasons of the engine.
var EngineDrops = []Entry{
	{DropUnreadable, "Unreadable", "The record cannot be decoded. It was moved to the dead letters."},
	{DropDuplicate, "Duplicate", "The packet was delivered before; it is scored once."},
	{DropWarmUp, "Warm-up", "The packet trained the model before it was warm, and was not scored."},
	{DropNotPublished, "Not published", "The alert could not be published because the engine lost the lane; the engine that has the lane next publishes it."},
	{DropOther, "Other", "Further reasons, beyond the number that is counted separately."},
}
