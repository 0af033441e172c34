// Package config combines defaults, the file .env, the environment and command-line
// flags into one validated Config.
//
// Each setting is one struct field, described by its tags:
//
//	key      name in .env, in the environment and in the documentation
//	default  as text, in the form that a user would write
//	help     one or more sentences
//	min, max inclusive range of a number, size or duration
//	oneof    allowed values, separated by commas
//	unit     unit of the number, for help and documentation
//	name     flag name, if it is not the key in lower case with dashes
//	aliases  additional flag names
//
// .env.example and docs/configuration.md are generated from these tags.
//
// Precedence, from low to high: default, .env, environment, flag. An empty value in
// .env or in the environment clears a text or a list; for all other types it means that
// the setting is not set.
//
// A Loader is used once: its Options are passed to kong, which parses the flags of
// the parts of Config that the commands embed (Config itself, or groups such
// as Kafka). Loader.Config then returns the complete Config, including settings for
// which the chosen command has no flag. All problems are returned in one *Error.
//
// The package is used by one goroutine at start; a Config does not change afterwards.
package config
