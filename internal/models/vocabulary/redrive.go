package vocabulary

// Results of a dead letter in a redrive.
const (
	RedriveRedriven  = "redriven"
	RedriveWould     = "would_redrive"
	RedriveBefore    = "redriven_before"
	RedriveTooOften  = "discarded_too_often"
	RedriveNoOrigin  = "discarded_no_origin"
	RedriveTruncated = "discarded_truncated"
	RedriveFiltered  = "left_filtered"
	RedriveRefused   = "left_refused"
)

// RedriveResults describes the results of a dead letter in a redrive.
var RedriveResults = []Entry{
	{RedriveRedriven, "Redriven", "The record was copied to the partition that it came from."},
	{RedriveWould, "Would be redriven", "A dry run found the record; without --dry-run it is redriven."},
	{RedriveBefore, "Redriven by an interrupted run", "An earlier redrive copied the record and was interrupted before it committed that."},
	{RedriveTooOften, "Discarded: redriven too often", "The record failed again after as many redrives as --times allows."},
	{RedriveNoOrigin, "Discarded: unknown origin", "The dead letter does not name a topic that NetLyra redrives to."},
	{RedriveTruncated, "Discarded: truncated", "The record was too large for the dead letter topic, so only its beginning was kept."},
	{RedriveFiltered, "Left: other reason or topic", "--reason or --topic exclude the dead letter; a later redrive can include it."},
	{RedriveRefused, "Left: refused by the broker", "The brokers refused the record; a later redrive tries again."},
}

// NameOf returns the display name of a code, or the code if entries does not have it.
func NameOf(entries []Entry, code string) string {
	for _, e := range entries {
		if e.Code == code {
			return e.Name
		}
	}
	return code
}
