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

// Login has the credentials of clients. With the zero value, no authentication is required.
type Login struct {
	Mechanism string // SCRAM-SHA-256 or SCRAM-SHA-512, case-insensitive; clients may use either
	User      string
	Password  string
}

// minPassword is the minimum length of a password in bytes: other hosts can try passwords at
// the port, and nothing limits the rate.
const minPassword = 12

func (l *Login) validate() error {
	if l.User == "" {
		return nil
	}
	switch strings.ToUpper(l.Mechanism) {
	case "SCRAM-SHA-256", "SCRAM-SHA-512":
	default:
		// With PLAIN, kfake accepts any unknown user with an empty password, and the password
		// is sent in clear text.
		return fmt.Errorf("embedded broker: KAFKA_SASL_MECHANISM is %q, must be scram-sha-256 or scram-sha-512; without TLS, PLAIN would reveal the password", l.Mechanism)
	}
	if len(l.Password) < minPassword {
		return fmt.Errorf("embedded broker: KAFKA_SASL_PASSWORD has %d bytes, must have at least %d", len(l.Password), minPassword)
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

// forgetLogin deletes kfake's file of users. kfake would prefer the password of an earlier
// start in it to the configured one, and the file is equivalent to the password.
func forgetLogin(dir string) error {
	err := os.Remove(filepath.Join(dir, logName, "sasl.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
