// Package writer sends records to topics that change while it does. franz-go gives up a
// record for good where its topic was deleted and made anew, where a topic is away for a
// moment, or where a batch is larger than the topic takes by now. A Writer takes such
// records back, waits until the topic is there, makes another client, and sends them again,
// before all that was handed over since.
//
// Records keep their order, except that those which a broker refused may be overtaken by
// what was on its way in the same moment. What cannot be sent in any way, a single record
// that is larger than the topic takes, is given to Config.Settled with the error.
//
// All methods may be called from any goroutine.
package writer
