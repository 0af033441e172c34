package config

import (
	"reflect"
	"strings"
	"time"
)

// Key describes one setting.
type Key struct {
	Name    string // in .env and the environment
	Flag    string // without dashes
	Group   string
	Help    string
	Default string
	Unit    string
	Kind    string // text, list, true or false, number, size, duration
	Min     string // "" without a minimum
	Max     string
	OneOf   []string
	Secret  bool

	index []int // of the field in Config
}

// Keys returns every setting, in the order of Config.
func Keys() []Key {
	return append([]Key(nil), keys...)
}

var keys = keysOf(reflect.TypeFor[Config](), nil, "")

func keysOf(t reflect.Type, index []int, group string) (out []Key) {
	for i := range t.NumField() {
		f := t.Field(i)
		at := append(append([]int(nil), index...), i)
		if f.Anonymous {
			out = append(out, keysOf(f.Type, at, f.Tag.Get("group"))...)
		} else if f.Tag.Get("key") != "" {
			out = append(out, keyOf(f, at, group))
		}
	}
	return out
}

func keyOf(f reflect.StructField, index []int, group string) Key {
	tag := f.Tag
	k := Key{
		Name: tag.Get("key"), Flag: tag.Get("name"), Group: group, Help: tag.Get("help"),
		Default: tag.Get("default"), Unit: tag.Get("unit"), Kind: kindOf(f.Type),
		Min: tag.Get("min"), Max: tag.Get("max"), index: index,
		Secret: f.Type == reflect.TypeFor[Secret](),
	}
	if k.Flag == "" {
		k.Flag = strings.ReplaceAll(strings.ToLower(k.Name), "_", "-")
	}
	if words := tag.Get("oneof"); words != "" {
		k.OneOf = strings.Split(words, ",")
	}
	return k
}

func kindOf(t reflect.Type) string {
	switch t {
	case reflect.TypeFor[time.Duration]():
		return "duration"
	case reflect.TypeFor[Bytes]():
		return "size"
	}
	switch t.Kind() {
	case reflect.Bool:
		return "true or false"
	case reflect.Slice:
		return "list"
	case reflect.String:
		return "text"
	default:
		return "number"
	}
}

// Allowed describes the allowed values in words.
func (k *Key) Allowed() string {
	unit := ""
	if k.Unit != "" && k.Kind == "number" {
		unit = " " + k.Unit
	}
	switch {
	case len(k.OneOf) > 0:
		return strings.Join(k.OneOf, ", ")
	case k.Min != "" && k.Max != "":
		return k.Min + " … " + k.Max + unit
	case k.Min == "0":
		return k.Kind + unit + ", not negative"
	case k.Min != "":
		return "at least " + k.Min + unit
	case k.Unit != "":
		return k.Unit
	default:
		return k.Kind
	}
}

// field returns the setting's field in c.
func (k *Key) field(c *Config) reflect.Value {
	return reflect.ValueOf(c).Elem().FieldByIndex(k.index)
}

// byName returns the key with that name, or nil. It is case-sensitive.
func byName(name string) *Key {
	for i := range keys {
		if keys[i].Name == name {
			return &keys[i]
		}
	}
	return nil
}

// read parses text into v, a field of the setting's type. Values of a fixed set are
// case-insensitive.
func (k *Key) read(v reflect.Value, text string) error {
	if len(k.OneOf) > 0 {
		text = strings.ToLower(text)
	}
	return parseInto(v, text)
}
