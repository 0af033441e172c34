package guard

import (
	"fmt"
	"strconv"
	"strings"
)

// A schema says what the body of a request looks like in each version, so that a body
// can be checked in place, without memory for what its length fields claim. It is
// written as a list of types, in the order of the fields:
//
//	b h i l u   1, 2, 4, 8 and 16 bytes
//	s y         string, bytes
//	G X         string that names a consumer group, a transaction
//	A           acknowledgements of Produce (2 bytes)
//	R           record batch of Produce (bytes)
//	W M N E     MaxWaitMillis, MaxBytes, SessionID and SessionEpoch of Fetch
//	[ … ]       array of structs
//
// followed by ? where null is allowed, [] for an array of that type, and the versions
// that have the field, such as @3+, @-2, @1-4. A struct of a flexible version ends with
// tagged fields, which are not written down (Kafka protocol guide; KIP-482).
type field struct {
	kind     byte // a letter of above, or '[' for an array of structs
	nullable bool
	array    bool    // of a type that is no struct
	min, max int16   // versions
	elems    []field // of '['
}

// api is one kind of request that is let through.
type api struct {
	name     string
	min, max int16 // versions
	flexible int16 // first version with compact lengths and tagged fields; noVersion = none
	bytes    int   // largest body; 0 = Config.MaxRequest
	fields   []field
}

const noVersion = 1<<15 - 1

// compile reads a schema. It panics on one that cannot be read: they are constants.
func compile(text string) []field {
	fields, rest := parseFields(strings.Fields(text))
	if len(rest) > 0 {
		panic("guard: schema: ] without [ in " + text)
	}
	return fields
}

// parseFields reads up to the end of the struct; rest begins with its "]" or is empty.
func parseFields(tokens []string) (fields []field, rest []string) {
	for len(tokens) > 0 && tokens[0] != "]" {
		f := parseField(tokens[0])
		tokens = tokens[1:]
		if f.kind == '[' {
			if f.elems, tokens = parseFields(tokens); len(tokens) == 0 {
				panic("guard: schema: [ without ]")
			}
			tokens = tokens[1:]
		}
		fields = append(fields, f)
	}
	return fields, tokens
}

func parseField(token string) field {
	f := field{kind: token[0], max: noVersion}
	form, versions, ranged := strings.Cut(token[1:], "@")
	switch form {
	case "":
	case "?":
		f.nullable = true
	case "[]":
		f.array = true
	case "[]?":
		f.array, f.nullable = true, true
	default:
		panic("guard: schema: " + token)
	}
	if !strings.ContainsRune("bhiluysGXARWMNE[", rune(f.kind)) {
		panic("guard: schema: " + token)
	}
	if ranged {
		first, last, open := strings.Cut(strings.TrimSuffix(versions, "+"), "-")
		f.min = version(first)
		if open {
			f.max = version(last)
		}
	}
	return f
}

func version(text string) int16 {
	if text == "" {
		return 0
	}
	n, err := strconv.ParseInt(text, 10, 16)
	if err != nil {
		panic(fmt.Sprintf("guard: schema: version %q", text))
	}
	return int16(n)
}
