// Package config turns defaults, the file .env, the environment and command line
// flags into one validated Config.
//
// Each setting is one struct field. Its tags say all that is known of it:
//
//	key      name in .env, in the environment and in the docs
//	default  as text, in the form in which a person would write it
//	help     one sentence
//	min, max inclusive range of a number, size or duration
//	oneof    allowed words, separated by commas
//	unit     what the number counts, for help and docs
//	name     flag name where it is not the key in lower case with dashes
//	aliases  further flag names
//
// .env.example and docs/configuration.md are written from these tags.
//
// Precedence, weakest first: default, .env, environment, flag. An empty value in
// .env or in the environment sets a text or a list to nothing; for every other
// kind it counts as not set.
//
// A Loader is used once: its Options go to kong, which parses the flags of
// whatever parts of Config the commands embed (Config itself, or single groups such
// as Kafka); Loader.Config then gives the whole Config, also of the settings for
// which the chosen command has no flag. All problems come in one *Error.
//
// The package is called by one goroutine at start; a Config is not changed after.
package config
