package config

import (
	"fmt"
	"reflect"
	"slices"

	"github.com/alecthomas/kong"
)

// Loader takes one command line and gives one Config.
type Loader struct {
	sources Sources
	broken  []Problem // flags that could not be read
}

// NewLoader is a Loader that reads from s.
func NewLoader(s Sources) *Loader { return &Loader{sources: s} }

// Options are what kong.New needs for the flags of Config: their parsing, and the
// key behind each flag's help.
func (l *Loader) Options() []kong.Option {
	return []kong.Option{
		kong.PostBuild(func(k *kong.Kong) error { return l.takeOver(k.Model.Node) }),
		kong.ValueFormatter(helpOf),
	}
}

// takeOver gives every flag of a setting the parser of this package, which reads
// sizes and days, and goes on after a bad value so that all are reported at once.
func (l *Loader) takeOver(root *kong.Node) error {
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

// settingMapper reads the value of one flag.
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
	text := fmt.Sprint(token.Value) // kong gives --no-x as a bool
	k := byName(ctx.Value.Tag.Get("key"))
	if err := k.read(target, text); err != nil {
		m.l.broken = append(m.l.broken, k.problem(text, FromFlag, err.Error()))
	}
	return nil
}

// Config is the whole configuration behind a parsed command line, with the origin
// of each setting. A non-nil error is an *Error that lists every problem, or says
// which file could not be read.
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

// Load is a Config without a command line: default, .env, environment.
func Load(s Sources) (*Config, *Origins, error) {
	return NewLoader(s).Config(nil)
}

// set gives one setting the value of its strongest source.
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

// counts reports whether a value of .env or the environment sets anything.
func (k *Key) counts(text string) bool {
	return text != "" || (k.Kind == "text" && len(k.OneOf) == 0) || k.Kind == "list"
}

func (k *Key) parse(field reflect.Value, text string, from Origin) []Problem {
	if err := k.read(field, text); err != nil {
		return []Problem{k.problem(text, from, err.Error())}
	}
	return nil
}

// flagsOf finds the settings that were given on the command line, and --env-file.
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
