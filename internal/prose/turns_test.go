package prose

// turn is an expression that is not used, as a regular expression between word
// boundaries, and what to write in its place. A space matches any white space and the
// signs that continue a comment.
type turn struct{ pattern, use string }

// exceptions are the patterns that a file may use, by its path: quotations and terms of
// other projects.
var exceptions = map[string][]string{}

var turns = []turn{
	// One spelling: American.
	{"(un)?labelled|labelling|behaviours?|colours?|neighbours?|analysed?|analysing|recognise[ds]?|normalise[ds]?|serialise[ds]?|initialise[ds]?|organisations?|centre|cancelled|modelled|signalling", "the American spelling: labeled, behavior, color, neighbor, analyze, recognize, center, canceled"},

	// Archaic and literary words.
	{"anew", "again, or recreated (of a topic), or reset (of a model)"},
	{"whom", "who, or name the subject"},
	{"nobody", "no process, no user, none; or name what is missing"},
	{"somebody", "a user, another process; or name it"},
	{"whoever", "name the subject: a client, a caller, a process"},
	{"whence|hence|henceforth|thither|thereof|therein|whereof|wherein", "from where, therefore, from then on, of it, in it"},
	{"lest", "so that … not"},
	{"till", "until"},
	{"shall", "must, or will"},
	{"seldom", "rarely"},
	{"in vain", "without success"},
	{"for ever", "forever, or without a limit"},
	{"by and by", "gradually"},
	{"now and then", "at intervals, occasionally"},
	{"likewise", "also, in the same way"},
	{"mend|mends|mended|mending", "fix"},
	{"so long as", "while, as long as"},
	{"as ever", "as before"},
	{"ere|yore|nigh|naught|nought|aught|ought", "plain words"},
	{"for (it|they|there|he|she) (is|are|has|have|was|were|would|can)", "because …"},
	{"for want of", "because there is no …"},
	{"it were", "from …, was"},
	{"good-bye", "final report"},
	{"gone deaf|is deaf|deaf after", "no longer accepts connections"},
	{"in good order", "gracefully, cleanly"},
	{"be that as it may|as it is wont|wont to", "plain words"},
	{"laid on|laid upon|laid in", "attributed to, merged into"},
	{"held against", "compared with"},
	{"is content( with)?|are content( with)?", "accepts"},
	{"least level", "minimum log level"},

	// Things that speak, hear and know.
	{"tells? of", "reports, describes"},
	{"told of", "reported, notified of"},
	{"told (early|late|again|less)", "published, reported"},
	{"hears? of|heard of", "is notified of, receives"},
	{"says? of", "reports about, states"},
	{"(says|say|said) so", "reports it, logs it; or state what is printed"},
	{"spoken of|speaks? of|spoke of", "mentioned, reported"},
	{"knows? nothing( of)?|knew nothing( of)?", "does not depend on, has no information about"},
	{"knows? of|knew of", "has, contains, is informed of"},
	{"it is known|is not known", "unknown; or say who determines it"},
	{"what it (says|say)", "its value, its content, its state"},
	{"who wants|who wanted|wants to know", "name the caller"},
	{"wants (a|an|one|no|the|only)", "requires, needs, expects"},
	{"made a mistake", "internal error"},
	{"knows what|knows how often", "unknown"},

	// Vague verbs of motion.
	{"put back|puts back|putting back", "redrive (a dead letter), return, restore"},
	{"put (aside|right)|puts (aside|right)", "written to the dead letters topic; corrected"},
	{"worked off|work off|works off|working off", "processed, consumed"},
	{"come to naught|comes to (an|the) (end|same)", "ends, is the same"},
	{"lies behind|lie behind|lay behind", "follows, is after, causes"},
	{"stand in for|stood in for", "replace"},
	{"given up (on|by|for)|gave (it|them) up|give (it|them) up", "abandoned, discarded"},
	{"passed over|passes over|pass over", "skipped, ignored"},
	{"left out|leaves out|leave out|leaving out", "skipped, omitted, excluded"},
	{"taken in|takes in|take in", "accepted, processed; or name the counter"},
	{"takes? up|taken up", "adopt, start processing, start using"},
	{"goes by|go by|went by", "follows, uses; elapses (of time)"},
	{"goes without", "has no"},
	{"the way of", "the path of, the course of"},
	{"is seen to|are seen to", "is handled"},
	{"be had|to be had", "available"},
	{"(that|which|and|but|one|where there) (is|are|was|were) none", "is not one, there is no …, does not exist"},
	{"with a word|without a word", "with a message, silently"},
	{"a way of", "a way to, one run"},
	{"one day", "later"},
	{"of (its|their|his|her) own", "its own …, separate"},
	{"belongs? to (no one|none)", "has no owner"},

	// Private terms in place of the field's.
	{"oddity|oddities|oddest|odder|odd (packets?|ones?|points?|traffic|values?|behaviou?r|hosts?)", "anomaly, anomalous"},
	{"usual range", "typical range"},
	{"beliefs?", "prior"},
	{"believed|believes", "trusted (of a header), assumed, considered"},
	{"dealers?", "dispatcher"},
	{"parting", "final status"},
	{"sleepers?", "suspended process"},
	{"begins? anew|began anew", "resets, starts untrained"},
	{"is gone|are gone|was gone", "does not exist, was deleted, is lost"},
	{"stands? by|stood by|standing by", "be on standby"},
	{"came too early|what is early|the early ones", "out-of-order packets"},
	{"everybody", "all processes, all clients"},
}
