// Package names measures host and domain names: the hashes, lengths and entropy of
// models.NameFacts. It does not allocate unless names are recorded in full.
//
// The registered domain is the last two labels of a name, or three where the second-level label
// under a country's domain is reserved for registrations (example.co.uk, example.com.au). The
// rule is a short list instead of the public suffix list: that changes often, and the hash of
// a domain must be the same in all versions.
//
// Functions may be called from any goroutine.
package names
