package embedded

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/twmb/franz-go/pkg/kfake"
)

// Login is what clients must log in with. The zero value lets everybody in.
type Login struct {
	Mechanism string // SCRAM-SHA-256 or SCRAM-SHA-512, in any case; clients may use either
	User      string
	Password  string
}

// minPassword is for a port that can be tried at from elsewhere, where nothing slows guesses down.
const minPassword = 12

func (l *Login) validate() error {
	if l.User == "" {
		return nil
	}
	switch strings.ToUpper(l.Mechanism) {
	case "SCRAM-SHA-256", "SCRAM-SHA-512":
	default:
		// kfake lets any unknown user with an empty password in by PLAIN, which also
		// sends the password as it is.
		return fmt.Errorf("embedded broker: log-in by %q: want KAFKA_SASL_MECHANISM=scram-sha-256 or scram-sha-512; without TLS PLAIN would show the password", l.Mechanism)
	}
	if len(l.Password) < minPassword {
		return fmt.Errorf("embedded broker: the password has %d bytes: want at least %d in KAFKA_SASL_PASSWORD", len(l.Password), minPassword)
	}
	return nil
}

func (l *Login) options() []kfake.Opt {
	if l.User == "" {
		return nil
	}
	return []kfake.Opt{
		kfake.EnableSASL(),
		kfake.Superuser("SCRAM-SHA-256", l.User, l.Password),
		kfake.Superuser("SCRAM-SHA-512", l.User, l.Password),
	}
}

// forgetLogin removes what kfake keeps of users: it would prefer the password of an
// earlier start to the one that is set, and the file is as good as the password.
func forgetLogin(dir string) error {
	err := os.Remove(filepath.Join(dir, logName, "sasl.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
