// Package talkers finds the hosts that sent and received most in the last window of event
// time, in constant memory.
package talkers
