package guard

import (
	"encoding/binary"
	"io"
	"net"
	"testing"

	"github.com/twmb/franz-go/pkg/kmsg"
)

// slowConn is a connection whose Write returns some time after the client has the bytes.
type slowConn struct {
	net.Conn
	written func()
}

func (c slowConn) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	c.written()
	return n, err
}

type slowListener struct {
	net.Listener
	written func()
}

func (l slowListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	return slowConn{c, l.written}, err
}

// TestRequestRightAfterLogin: a client may send a request as soon as it has the last answer of
// the authentication, although the broker's call of Write has not returned yet. Like kfake, the
// broker of the test reads in another goroutine.
func TestRequestRightAfterLogin(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	keys, answers := make(chan int16, 8), 0
	next := make(chan int16, 1)
	written := func() {
		if answers++; answers == loginSteps {
			next <- <-keys // the next request has been read, or refused
		}
	}
	cfg := DefaultConfig()
	cfg.Login = true
	l := New(slowListener{ln, written}, cfg)
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		c, err := l.Accept()
		if err != nil {
			return
		}
		defer func() { _ = c.Close() }()
		go readKeys(c, keys)
		for {
			var key int16
			select {
			case key = <-next:
			default:
				key = <-keys
			}
			if key < 0 {
				return
			}
			if _, err := c.Write(append(binary.BigEndian.AppendUint32(nil, 8), make([]byte, 8)...)); err != nil {
				return
			}
		}
	}()
	c := dial(t, l)
	step := kmsg.NewPtrSASLAuthenticateRequest()
	step.SetVersion(1)
	for i, req := range [][]byte{framed(step), framed(step), metadata()} {
		if _, err := c.Write(req); err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(c, make([]byte, answerSize)); err != nil {
			t.Fatalf("request %d: %v; refused %v", i, err, l.Stats().Refused)
		}
	}
}

// answerSize is the size of an answer of the test's broker: its length, a correlation id and no
// error.
const answerSize = 12

// readKeys sends the key of each request, and -1 at the end.
func readKeys(c net.Conn, keys chan<- int16) {
	size := make([]byte, 4)
	for {
		if _, err := io.ReadFull(c, size); err != nil {
			break
		}
		body := make([]byte, binary.BigEndian.Uint32(size))
		if _, err := io.ReadFull(c, body); err != nil {
			break
		}
		keys <- int16(binary.BigEndian.Uint16(body))
	}
	keys <- -1
}
