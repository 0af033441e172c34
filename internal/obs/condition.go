package obs

import (
	"errors"
	"fmt"
	"strings"

	"github.com/netlyra/netlyra/internal/models/vocabulary"
)

// Params are the figures and names in the text of a condition, for programs: scalars only.
type Params = map[string]any

// ConditionError is an error with an identifier and a severity: what a component sets in
// a Health instead of a plain error. Make one with Info, Degraded or Failed; find it in
// a chain of errors with errors.As.
type ConditionError struct {
	Code     string // a Condition… constant of package vocabulary
	Severity vocabulary.Severity
	Params   Params
	err      error
}

// Error returns the text for people.
func (e *ConditionError) Error() string { return e.err.Error() }

// Unwrap returns the error that the text was formatted with.
func (e *ConditionError) Unwrap() error { return errors.Unwrap(e.err) }

// Info returns a condition that is worth knowing; nothing is wrong. The text is
// formatted as by fmt.Errorf, including %w.
func Info(code string, params Params, format string, args ...any) error {
	return &ConditionError{code, vocabulary.SeverityInfo, params, fmt.Errorf(format, args...)}
}

// Degraded returns a condition that leaves the process able to do its work, such as a
// slow client. The text is formatted as by fmt.Errorf, including %w.
func Degraded(code string, params Params, format string, args ...any) error {
	return &ConditionError{code, vocabulary.SeverityDegraded, params, fmt.Errorf(format, args...)}
}

// Failed returns a condition that keeps the process from doing its work. The text is
// formatted as by fmt.Errorf, including %w.
func Failed(code string, params Params, format string, args ...any) error {
	return &ConditionError{code, vocabulary.SeverityFailed, params, fmt.Errorf(format, args...)}
}

// CodeOf returns the code of the first ConditionError in the chain of err, "" without one.
func CodeOf(err error) string {
	if e, ok := errors.AsType[*ConditionError](err); ok {
		return e.Code
	}
	return ""
}

// joined are several errors of one component.
type joined []error

// Error returns the texts on one line.
func (j joined) Error() string {
	texts := make([]string, len(j))
	for i, err := range j {
		texts[i] = err.Error()
	}
	return strings.Join(texts, "; ")
}

// Unwrap returns the errors, for errors.Is and errors.As.
func (j joined) Unwrap() []error { return j }

// Join returns the errors that are not nil as one with a text of one line, or nil.
// Health shows each as a condition.
func Join(errs ...error) error {
	var j joined
	for _, err := range errs {
		if err != nil {
			j = append(j, err)
		}
	}
	if len(j) == 0 {
		return nil
	}
	return j
}

// conditions returns what err says about a component: one condition for each error that
// Join put together, one otherwise. An error without a ConditionError in its chain is a
// failure with the code ConditionUnspecified.
func conditions(component string, err error) []vocabulary.Condition {
	if j, ok := err.(joined); ok {
		var all []vocabulary.Condition
		for _, e := range j {
			all = append(all, conditions(component, e)...)
		}
		return all
	}
	c := vocabulary.Condition{
		Stage: component, Code: vocabulary.ConditionUnspecified, Severity: vocabulary.SeverityFailed, Text: err.Error(),
	}
	if e, ok := errors.AsType[*ConditionError](err); ok {
		c.Code, c.Severity, c.Params = e.Code, e.Severity, e.Params
	}
	return []vocabulary.Condition{c}
}
