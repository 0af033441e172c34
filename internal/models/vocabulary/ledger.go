package vocabulary

// Equations of the ledger. Each stage has one too, with the stage's identifier.
const (
	CheckFrames          = "frames"
	CheckTrack           = "track"
	CheckHandOver        = "hand_over"
	CheckLog             = "log"
	CheckModel           = "model"
	CheckVerdict         = "verdict"
	CheckAlertsPublished = "alerts_published"
	CheckAlerts          = "alerts"
	CheckConnections     = "connections"
)

// LedgerChecks describes the equations of the ledger that are not of one stage.
var LedgerChecks = []Entry{
	{CheckFrames, "Frames", "Frames captured = frames decoded. An aggregate of 802.11 has several packets in one frame."},
	{CheckTrack, "Tracking", "Packets decoded = packets assigned to connections."},
	{CheckHandOver, "Hand-over", "Packets assigned to connections = packets handed to the publisher."},
	{CheckLog, "Packets topic", "Packets published = accepted by the model + held + missing + in flight."},
	{CheckModel, "Model", "Packets accepted by the model = scored + used for the warm-up."},
	{CheckVerdict, "Verdict", "Packets scored = part of an alert + withheld by the alert budget + typical."},
	{CheckAlertsPublished, "Alerts published", "Alerts that began or grew = alert records handed to the publisher."},
	{CheckAlerts, "Alerts topic", "Alert records published = processed by the recorder + in flight."},
	{CheckConnections, "Connections topic", "Connection records published = processed by the recorder + in flight."},
}

// Terms of the equations. A term of one stage has the stage in its field stage.
const (
	TermIn           = "came_in"
	TermOut          = "passed_on"
	TermDropped      = "dropped"
	TermLeft         = "left"
	TermAcknowledged = "acknowledged"
	TermPending      = "pending"
	TermRefused      = "refused"
	TermUnreported   = "unreported"
	TermAccepted     = "accepted"
	TermHeld         = "held"
	TermMissing      = "missing"
	TermLostModel    = "lost_model"
	TermDuplicates   = "duplicates"
	TermRefusedLast  = "refused_last"
	TermUnreadable   = "unreadable"
	TermScored       = "scored"
	TermWarmUp       = "warm_up"
	TermAlerted      = "alerted"
	TermWithheld     = "withheld"
	TermPassed       = "passed"
	TermNotPublished = "not_published"
	TermRecorded     = "recorded"
)

// LedgerTerms describes the terms of the equations.
var LedgerTerms = []Entry{
	{TermIn, "Came in", "What the stage received."},
	{TermOut, "Passed on", "What the stage passed on."},
	{TermDropped, "Dropped", "What the stage dropped, by reason."},
	{TermLeft, "Left in stopped processes", "What was inside the stage when its process stopped."},
	{TermAcknowledged, "Acknowledged by the brokers", "Records that the brokers have confirmed as durable."},
	{TermPending, "Not yet acknowledged", "Records that were sent and not confirmed yet."},
	{TermRefused, "Refused by the brokers", "Packets that were numbered and then refused by the brokers."},
	{TermUnreported, "Not reported by any process", "On the topic, and reported by no process: written by one that was killed before its last report, by another program, or before the ledger began."},
	{TermAccepted, "Accepted by the model", "Packets that the model used, each once."},
	{TermHeld, "Held", "Packets that were read and wait for earlier ones."},
	{TermMissing, "Missing", "Packets that were numbered by a producer and never arrived."},
	{TermLostModel, "Accepted by a lost model", "Packets that only a model without a usable checkpoint had accepted."},
	{TermDuplicates, "Duplicates", "Packets that were published again and scored once."},
	{TermRefusedLast, "Refused last", "Packets refused by the brokers after the last one that arrived."},
	{TermUnreadable, "Unreadable", "Records that were moved to the dead letters."},
	{TermScored, "Scored", "Packets that the model scored."},
	{TermWarmUp, "Warm-up", "Packets that trained the model before it was warm, and were not scored."},
	{TermAlerted, "Part of an alert", "Packets that were scored and are part of an alert."},
	{TermWithheld, "Withheld by the alert budget", "Packets that were scored as an alert that the alert budget did not allow."},
	{TermPassed, "Typical", "Packets that were scored and are part of no alert."},
	{TermNotPublished, "Not published", "Alerts that an engine could not publish because it lost the lane."},
	{TermRecorded, "Processed by the recorder", "Records that are stored, replaced by a newer one, or moved to the dead letters."},
}

// Meanings of a remainder that is not in flight.
const (
	RemainderExtraPackets = "extra_packets"
	RemainderOneSided     = "one_sided"
)

// LedgerRemainders describes the remainders.
var LedgerRemainders = []Entry{
	{RemainderExtraPackets, "Further packets in one frame", "An aggregate of 802.11 has several packets in one frame."},
	{RemainderOneSided, "Reported by one side only", "One side of the equation has been reported and the other not yet."},
}

// Conditions of the ledger, in the field finding of an equation and in conditions.
const (
	FindingSurplus    = "surplus"
	FindingLost       = "lost"
	FindingUnreported = "unreported"
	FindingLostModel  = "lost_model"
	FindingUncertain  = "uncertain"
)

// LedgerFindings describes the conditions of the ledger.
var LedgerFindings = []Entry{
	{FindingSurplus, "Surplus", "More came out of the equation than went in: something is counted twice, or a count is missing."},
	{FindingLost, "Lost", "Nothing moves and nothing waits, and yet the right side of the equation is smaller: something is lost."},
	{FindingUnreported, "Not reported by any process", "Records are on the topic that no process reported. A process was killed before its last report, another program writes to the topic, or they are older than the ledger."},
	{FindingLostModel, "Model lost", "Packets were accepted by a model whose checkpoint was lost; the model was reset."},
	{FindingUncertain, "Last counts uncertain", "A process stopped without a final report, or the ledger is new. Its last counts are known once nothing moves."},
}

// States of a process in the ledger.
const (
	ProcessRunning = "runs"
	ProcessEnded   = "ended"
	ProcessLost    = "vanished"
)

// ProcessStates describes the states of a process in the ledger.
var ProcessStates = []Entry{
	{ProcessRunning, "Running", "The process reports ten times a second."},
	{ProcessEnded, "Ended", "The process stopped and sent its final report."},
	{ProcessLost, "Lost", "The process stopped without a final report, or is unreachable."},
}
