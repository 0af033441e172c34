package config

import (
	"fmt"
	"reflect"
	"slices"

	"github.com/alecthomas/kong"
)

// Loader loads the Config of one command line.
type Loader struct {
	sources Sources
	broken  []Problem // flags with invalid values
}

// NewLoader returns a Loader that reads from s.
func NewLoader(s Sources) *Loader { return &Loader{sources: s} }

// Options returns the options of kong.New for the flags of Config: their parsers, and the
// key in each flag's help.
func (l *Loader) Options() []kong.Option {
	return []kong.Option{
		kong.PostBuild(func(k *kong.Kong) error { return l.setMappers(k.Model.Node) }),
		kong.ValueFormatter(helpOf),
	}
}

// setMappers assigns the parser of this package to every flag of a setting. It parses sizes
// and days, and continues after an invalid value, so that all of them are reported together.
func (l *Loader) setMappers(root *kong.Node) error {
	return kong.Visit(root, func(node kong.Visitable, next kong.Next) error {
		if f, ok := node.(*kong.Flag); ok && keyOfFlag(f) != nil {
			f.Mapper = settingMapper{l}
			f.PlaceHolder = placeHolder(keyOfFlag(f))
		}
		return next(nil)
	})
}

func keyOfFlag(f *kong.Flag) *Key { return byName(f.Tag.Get("key")) }

func placeHolder(k *Key) string {
	switch {
	case k.Default != "":
		return k.Default
	case k.Unit != "":
		return k.Unit
	default:
		return "TEXT"
	}
}

// helpOf adds the key and the allowed values to a flag's help.
func helpOf(v *kong.Value) string {
	k := byName(v.Tag.Get("key"))
	if k == nil {
		return kong.DefaultHelpValueFormatter(v)
	}
	text := v.Help
	if len(k.OneOf) > 0 || k.Min != "" {
		text += " [" + k.Allowed() + "]"
	}
	return text + " ($" + k.Name + ")"
}

// settingMapper parses the value of one flag.
type settingMapper struct{ l *Loader }

// Decode implements kong.Mapper.
func (m settingMapper) Decode(ctx *kong.DecodeContext, target reflect.Value) error {
	if target.Kind() == reflect.Bool && ctx.Scan.Peek().Type != kong.FlagValueToken {
		target.SetBool(true)
		return nil
	}
	token, err := ctx.Scan.PopValue("value")
	if err != nil {
		return err
	}
	text := fmt.Sprint(token.Value) // kong passes --no-x as a bool
	k := byName(ctx.Value.Tag.Get("key"))
	if err := k.read(target, text); err != nil {
		m.l.broken = append(m.l.broken, k.problem(text, FromFlag, err.Error()))
	}
	return nil
}

// Config returns the complete configuration of a parsed command line, with the origin
// of each setting. The error is an *Error that lists every problem, or names
// the file that could not be read.
func (l *Loader) Config(kctx *kong.Context) (*Config, *Origins, error) {
	flags, envFile := flagsOf(kctx)
	file, named := l.sources.EnvFile, envFile != ""
	if named {
		file = envFile
	}
	values, err := readEnvFile(file, named)
	if err != nil {
		return nil, nil, err
	}
	c := &Config{Process: Process{EnvFile: file}}
	o := &Origins{}
	problems := slices.Clone(l.broken)
	for i := range keys {
		k := &keys[i]
		origin, bad := l.set(c, k, values, flags)
		problems = append(problems, bad...)
		o.Settings = append(o.Settings, Setting{Key: *k, Origin: origin, Value: format(k.field(c))})
	}
	for name := range values {
		if w := unknown(name); byName(name) == nil && w != "" {
			o.Warnings = append(o.Warnings, file+": "+w)
		}
	}
	slices.Sort(o.Warnings)
	if problems = append(problems, c.check(o, problems)...); len(problems) > 0 {
		return nil, o, newError(problems)
	}
	return c, o, nil
}

// Load returns a Config without a command line: default, .env, environment.
func Load(s Sources) (*Config, *Origins, error) {
	return NewLoader(s).Config(nil)
}

// set assigns the value of the source with the highest precedence.
func (l *Loader) set(c *Config, k *Key, file map[string]string, flags map[string]reflect.Value) (Origin, []Problem) {
	field := k.field(c)
	if v, ok := flags[k.Name]; ok {
		field.Set(v)
		return FromFlag, nil
	}
	if l.sources.LookupEnv != nil {
		if text, ok := l.sources.LookupEnv(k.Name); ok && k.counts(text) {
			return FromEnvironment, k.parse(field, text, FromEnvironment)
		}
	}
	if text, ok := file[k.Name]; ok && k.counts(text) {
		return FromFile, k.parse(field, text, FromFile)
	}
	return FromDefault, k.parse(field, k.Default, FromDefault)
}

// counts reports whether a value from .env or the environment sets the setting.
func (k *Key) counts(text string) bool {
	return text != "" || (k.Kind == "text" && len(k.OneOf) == 0) || k.Kind == "list"
}

func (k *Key) parse(field reflect.Value, text string, from Origin) []Problem {
	if err := k.read(field, text); err != nil {
		return []Problem{k.problem(text, from, err.Error())}
	}
	return nil
}

// flagsOf returns the settings on the command line, and --env-file.
func flagsOf(kctx *kong.Context) (values map[string]reflect.Value, envFile string) {
	values = map[string]reflect.Value{}
	if kctx == nil {
		return values, ""
	}
	for _, p := range kctx.Path {
		switch {
		case p.Flag == nil || p.Resolved:
		case keyOfFlag(p.Flag) != nil:
			values[keyOfFlag(p.Flag).Name] = reflect.ValueOf(kctx.FlagValue(p.Flag))
		case p.Flag.Name == "env-file":
			envFile, _ = kctx.FlagValue(p.Flag).(string)
		}
	}
	return values, envFile
}
