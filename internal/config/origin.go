package config

import (
	"cmp"
	"fmt"
	"slices"
)

// Origin is where a value came from.
type Origin string

// The origins, weakest first.
const (
	FromDefault     Origin = "default"
	FromFile        Origin = ".env"
	FromEnvironment Origin = "environment"
	FromFlag        Origin = "flag"
)

// Setting is one setting with its value and where that came from.
type Setting struct {
	Key
	Value  string // as a person would write it; secrets masked
	Origin Origin
}

// Origins is every setting in the order of Config, and what looked odd in .env.
type Origins struct {
	Settings []Setting
	Warnings []string
}

// Of is the setting of that name, as in .env; its Origin is "" where there is none.
func (o *Origins) Of(name string) Setting {
	for _, s := range o.Settings {
		if s.Name == name {
			return s
		}
	}
	return Setting{}
}

// Problem is one value that cannot stand.
type Problem struct {
	Key    string
	Value  string // masked where it is a secret
	Origin Origin
	Want   string // what is allowed
}

// String is the problem in one line.
func (p Problem) String() string {
	return fmt.Sprintf("%s=%q (%s): %s", p.Key, p.Value, p.Origin, p.Want)
}

func (k *Key) problem(value string, from Origin, want string) Problem {
	if k.Secret {
		value = Secret(value).String()
	}
	return Problem{Key: k.Name, Value: value, Origin: from, Want: want}
}

// Error is all that is wrong with a configuration.
type Error struct{ Problems []Problem }

// newError sorts the problems as Config has its settings.
func newError(problems []Problem) *Error {
	place := func(p Problem) int {
		return slices.IndexFunc(keys, func(k Key) bool { return k.Name == p.Key })
	}
	slices.SortStableFunc(problems, func(a, b Problem) int { return cmp.Compare(place(a), place(b)) })
	return &Error{Problems: problems}
}

// Error lists the problems, one a line.
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
