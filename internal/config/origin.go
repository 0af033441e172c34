package config

import (
	"cmp"
	"fmt"
	"slices"
)

// Origin is the source of a value.
type Origin string

// The origins, in ascending order of precedence.
const (
	FromDefault     Origin = "default"
	FromFile        Origin = ".env"
	FromEnvironment Origin = "environment"
	FromFlag        Origin = "flag"
)

// Setting is one setting with its value and origin.
type Setting struct {
	Key
	Value  string // in the form that a user would write; secrets masked
	Origin Origin
}

// Origins contains every setting in the order of Config, and warnings about .env.
type Origins struct {
	Settings []Setting
	Warnings []string
}

// Of returns the setting with that name, or a Setting with Origin "" if it does not exist.
func (o *Origins) Of(name string) Setting {
	for _, s := range o.Settings {
		if s.Name == name {
			return s
		}
	}
	return Setting{}
}

// Problem is one invalid value.
type Problem struct {
	Key    string
	Value  string // secrets are masked
	Origin Origin
	Want   string // allowed values
}

// String returns the problem in one line.
func (p Problem) String() string {
	return fmt.Sprintf("%s=%q (%s): %s", p.Key, p.Value, p.Origin, p.Want)
}

func (k *Key) problem(value string, from Origin, want string) Problem {
	if k.Secret {
		value = Secret(value).String()
	}
	return Problem{Key: k.Name, Value: value, Origin: from, Want: want}
}

// Error lists all problems of a configuration.
type Error struct{ Problems []Problem }

// newError sorts the problems in the order of Config.
func newError(problems []Problem) *Error {
	place := func(p Problem) int {
		return slices.IndexFunc(keys, func(k Key) bool { return k.Name == p.Key })
	}
	slices.SortStableFunc(problems, func(a, b Problem) int { return cmp.Compare(place(a), place(b)) })
	return &Error{Problems: problems}
}

// Error returns the problems, one per line.
func (e *Error) Error() string {
	s := "the configuration has a problem"
	if n := len(e.Problems); n > 1 {
		s = fmt.Sprintf("the configuration has %d problems", n)
	}
	for _, p := range e.Problems {
		s += "\n  " + p.String()
	}
	return s
}
