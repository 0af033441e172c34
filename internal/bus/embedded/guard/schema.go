package guard

import (
	"fmt"
	"strconv"
	"strings"
)

// A schema describes the body of a request in all versions, so that a body can be checked in
// place, without allocating what its length fields claim. It is a list of types in the order
// of the fields:
//
//	b h i l u   1, 2, 4, 8 and 16 bytes
//	s y         string, bytes
//	G X         string: name of a consumer group, of a transaction
//	A           acks of Produce (2 bytes)
//	R           record batch of Produce (bytes)
//	W M N E     MaxWaitMillis, MaxBytes, SessionID and SessionEpoch of Fetch
//	[ … ]       array of structs
//
// followed by ? if null is allowed, [] for an array of that type, and the versions that have
// the field, such as @3+, @-2, @1-4. A struct of a flexible version ends with tagged fields,
// which the schema omits (Kafka protocol guide; KIP-482).
type field struct {
	kind     byte // letter of the type, or '[' for an array of structs
	nullable bool
	array    bool    // array of a type that is not a struct
	min, max int16   // versions
	elems    []field // fields of the structs of '['
}

// api is one kind of accepted request.
type api struct {
	name     string
	min, max int16 // versions
	flexible int16 // first version with compact lengths and tagged fields; noVersion: none
	bytes    int   // maximum size of the frame; 0: Config.MaxRequest
	fields   []field
}

const noVersion = 1<<15 - 1

// compile parses a schema. It panics if the schema, a constant, is invalid.
func compile(text string) []field {
	fields, rest := parseFields(strings.Fields(text))
	if len(rest) > 0 {
		panic("guard: schema: ] without [ in " + text)
	}
	return fields
}

// parseFields parses the fields of a struct; rest starts with its "]" or is empty.
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
